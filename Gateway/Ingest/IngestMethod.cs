using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Tikr.Contracts;
using Tikr.Core.Wire;
using Tikr.Gateway.Grpc;

namespace Tikr.Gateway.Ingest;

/// <summary>Binds IngestTicks to the wire reader: messages are decoded from the receive buffers straight into columns.</summary>
internal sealed class IngestMethod(GatewayRuntime runtime, IngestHandler handler) : IIngestMethod
{
    public void Add(ServiceMethodProviderContext<TikrService> context)
    {
        var method = new Method<TickMessage, IngestResponse>(
            MethodType.ClientStreaming, TikrMethods.ServiceName, TikrMethods.IngestTicks,
            new Marshaller<TickMessage>(
                static (_, _) => throw new NotSupportedException("Servers do not send ingest messages."),
                call => runtime.Decode(call.PayloadAsReadOnlySequence())),
            TikrMethods.MarshallerOf(IngestResponse.Parser));
        context.AddClientStreamingMethod(method, [], (_, ticks, call) => handler.RunAsync(ticks, call));
    }
}
