using Microsoft.Extensions.Logging;
using Tikr.Core.Delivery;
using Tikr.Core.Dimensions;
using Tikr.Core.Time;
using Tikr.Grains.Cluster;
using Tikr.Grains.Metrics;

namespace Tikr.Grains.Activations;

/// <summary>
/// Keys of this silo get their partials directly, or by a grain call if they are not active yet; those of other silos go to the links,
/// which nobody waits for.
/// </summary>
internal sealed class PartialRouter(
    SeriesServices services, ActivationRegistry registry, IGrainFactory grains, SiloLinks links, GrainMetrics metrics,
    TikrGrainOptions options, TimeProvider time, ILogger<PartialRouter> logger) : IPartialRouter
{
    // So many deliveries see one reading of the clock.
    private const int PerReading = 256;

    private readonly LogPace _losses = new(time);

    public int WaitingBars => services.WaitingBars;

    public int Division => services.View.Shown;

    public void DeliveredAgain(uint epoch, int division)
    {
        links.DeliveredAgain(epoch, division);
        services.View.DeliveredAgain(epoch, division);
    }

    public async Task<bool> DeliverAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellation)
    {
        // The caller's thread has more ticks to commit.
        var (inactive, failed) = await Task.Run(() => Apply(deliveries, cancellation), cancellation);
        var applied = inactive.Count == 0 || await CallAsync(inactive, cancellation);
        return applied && failed == 0;
    }

    // Also those whose activation is just going away are left to a grain call: it waits for the next one.
    private (InactiveKeys Inactive, int Failed) Apply(IReadOnlyList<Delivery> deliveries, CancellationToken cancellation)
    {
        var inactive = new InactiveKeys();
        var clock = services.Clock();
        var (failed, sent) = (0, false);
        Exception? last = null;
        for (var i = 0; i < deliveries.Count; i++)
        {
            if (i % PerReading == PerReading - 1)
            {
                cancellation.ThrowIfCancellationRequested();
                clock = services.Clock();
            }

            try
            {
                var delivery = deliveries[i];
                switch (FindTarget(delivery.Key))
                {
                    case SeriesActivation activation when activation.TryApply(delivery, clock):
                        break;
                    case RemoteTarget remote:
                        sent = true;
                        if (!TrySend(remote, delivery)) failed++;
                        break;
                    default:
                        inactive.Add(delivery);
                        break;
                }
            }
            catch (Exception error)
            {
                failed++;
                last = error;
            }
        }

        if (sent) links.Wake();
        if (last is not null) Lost(failed, last);
        else if (failed > 0) metrics.LostDelivery(failed);
        return (inactive, failed);
    }

    private bool TrySend(RemoteTarget remote, in Delivery delivery) =>
        services.Directory.TryFind(delivery.Key.Model.Name, out var series) && remote.Link.TryAdd(series.Id, delivery);

    // The key remembers its activation, or its owner: a look at the registry for each of many keys costs as much as the delivery.
    private IPartialTarget? FindTarget(InternedKey key)
    {
        if (key.Target is { IsReleased: false } known) return known;
        if (services.View.TryFindOwner(key.Dimensions.Hash, out var remote))
        {
            key.Target = remote;
            return remote;
        }

        registry.TryFind(new SeriesKey(key.Model.Name, key.Dimensions.Hash), out var activation);
        key.Target = activation;
        return activation;
    }

    private async Task<bool> CallAsync(InactiveKeys inactive, CancellationToken cancellation)
    {
        var callers = new Task<bool>[Math.Min(inactive.Count, options.MaxActivationsInFlight)];
        for (var i = 0; i < callers.Length; i++) callers[i] = CallNextAsync(inactive, cancellation);
        return !(await Task.WhenAll(callers)).Contains(false);
    }

    private async Task<bool> CallNextAsync(InactiveKeys inactive, CancellationToken cancellation)
    {
        var allApplied = true;
        while (!cancellation.IsCancellationRequested && inactive.TryTake(out var key, out var partials))
        {
            try
            {
                var grain = grains.GetGrain<ISeriesGrain>(SeriesGrainKey.Of(key.Model.Name, key.Dimensions.Hash));
                await grain.MergeAsync(key.KeyId, services.NowNs, partials).WaitAsync(cancellation);
            }
            catch (Exception error) when (error is not OperationCanceledException || !cancellation.IsCancellationRequested)
            {
                Lost(partials.Length, error);
                allApplied = false;
            }
        }

        return allApplied && !cancellation.IsCancellationRequested;
    }

    private void Lost(int partials, Exception error)
    {
        metrics.LostDelivery(partials);
        Log.Origin(logger, error);
        if (_losses.Next(partials) is { } lost) Log.DeliveriesLost(logger, lost, error.GetBaseException().Message);
    }

    /// <summary>Deliveries by key, taken one key at a time by several callers.</summary>
    private sealed class InactiveKeys
    {
        private readonly Dictionary<InternedKey, int> _index = [];
        private readonly List<(InternedKey Key, List<Partial> Partials)> _keys = [];
        private int _next = -1;

        public int Count => _keys.Count;

        public void Add(in Delivery delivery)
        {
            if (!_index.TryGetValue(delivery.Key, out var at))
            {
                _index[delivery.Key] = at = _keys.Count;
                _keys.Add((delivery.Key, []));
            }

            _keys[at].Partials.Add(delivery.Partial);
        }

        public bool TryTake(out InternedKey key, out Partial[] partials)
        {
            var next = Interlocked.Increment(ref _next);
            (key, partials) = next < _keys.Count ? (_keys[next].Key, _keys[next].Partials.ToArray()) : (null!, []);
            return next < _keys.Count;
        }
    }
}
