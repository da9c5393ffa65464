using Orleans.Runtime.Services;

namespace Tikr.Grains.Cluster;

/// <summary>Reaches the <see cref="ISiloExchange"/> of each silo.</summary>
internal sealed class ExchangeClient(IServiceProvider services) : GrainServiceClient<ISiloExchange>(services)
{
    /// <summary>That of a silo.</summary>
    public ISiloExchange Of(SiloAddress silo) => GetGrainService(silo);
}
