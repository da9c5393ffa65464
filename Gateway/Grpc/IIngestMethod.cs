using Grpc.AspNetCore.Server.Model;

namespace Tikr.Gateway.Grpc;

/// <summary>Adds IngestTicks, with whatever marshaller it decodes ticks by. Taken from the container.</summary>
internal interface IIngestMethod
{
    /// <summary>Adds the client streaming method to the service (see <see cref="TikrMethods.IngestTicks"/> for its name).</summary>
    void Add(ServiceMethodProviderContext<TikrService> context);
}
