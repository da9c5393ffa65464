using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace Tikr.Grains.Cluster;

/// <summary>
/// Takes what other silos send. Partials go to the activations of this silo past their turns, as those of its own gateway do.
/// </summary>
[Reentrant]
internal sealed class SiloExchange(GrainId id, global::Orleans.Runtime.Silo silo, ILoggerFactory loggers, ExchangeReceiver receiver)
    : GrainService(id, silo, loggers), ISiloExchange
{
    public Task<ExchangeAnswer> ExchangeAsync(ExchangeMessage message) => Task.Run(() => receiver.TakeAsync(message));

    public Task<OpenBar[]> GetOpenBarsAsync(string series, UInt128[] hashes, long fromNs, long toNs) =>
        Task.Run(() => receiver.ReadOpenAsync(series, hashes, fromNs, toNs));
}
