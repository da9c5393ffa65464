using Microsoft.Extensions.Logging;
using Tikr.Core.Delivery;
using Tikr.Core.Dimensions;
using Tikr.Grains.Metrics;
using Tikr.Grains.Recompute;
using Tikr.Grains.Writing;

namespace Tikr.Grains.Activations;

/// <summary>Local activations get their partials directly; all others by grain calls, a bounded number at once.</summary>
internal sealed class PartialRouter(
    SeriesServices services, ActivationRegistry registry, IGrainFactory grains,
        BarWriter writer, RecomputeService recompute, GrainMetrics metrics,
    TikrGrainOptions options, ILogger<PartialRouter> logger) : IPartialRouter
{
    // So many deliveries see one reading of the clock.
    private const int PerReading = 256;

    public int WaitingBars => writer.Waiting + recompute.Waiting;

    public async Task<bool> DeliverAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellation)
    {
        // The caller's thread has more ticks to commit.
        var (remote, failed) = await Task.Run(() => ApplyLocally(deliveries, cancellation), cancellation);
        var applied = remote.Count == 0 || await CallAsync(remote, cancellation);
        return applied && failed == 0;
    }

    // Also those whose activation is just going away are left to a grain call: it waits for the next one.
    private (RemoteDeliveries Remote, int Failed) ApplyLocally(IReadOnlyList<Delivery> deliveries, CancellationToken cancellation)
    {
        var remote = new RemoteDeliveries();
        var clock = services.Clock();
        var failed = 0;
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
                if (FindActivation(delivery.Key)?.TryApply(delivery, clock) is not true) remote.Add(delivery);
            }
            catch (Exception error)
            {
                failed++;
                last = error;
            }
        }

        if (last is not null) Lost(failed, last);
        return (remote, failed);
    }

    // The key remembers its activation: a look at the registry for each of many keys costs as much as the delivery.
    private SeriesActivation? FindActivation(InternedKey key)
    {
        if (key.Target is SeriesActivation { IsReleased: false } known) return known;
        registry.TryFind(new SeriesKey(key.Model.Name, key.Dimensions.Hash), out var activation);
        key.Target = activation;
        return activation;
    }

    private async Task<bool> CallAsync(RemoteDeliveries remote, CancellationToken cancellation)
    {
        var callers = new Task<bool>[Math.Min(remote.Count, options.MaxActivationsInFlight)];
        for (var i = 0; i < callers.Length; i++) callers[i] = CallNextAsync(remote, cancellation);
        return !(await Task.WhenAll(callers)).Contains(false);
    }

    private async Task<bool> CallNextAsync(RemoteDeliveries remote, CancellationToken cancellation)
    {
        var allApplied = true;
        while (!cancellation.IsCancellationRequested && remote.TryTake(out var key, out var partials))
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
        Log.DeliveriesLost(logger, partials, error);
    }

    /// <summary>Deliveries by key, taken one key at a time by several callers.</summary>
    private sealed class RemoteDeliveries
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
