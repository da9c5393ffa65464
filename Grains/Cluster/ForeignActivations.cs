using System.Runtime.InteropServices;
using Tikr.Core.Delivery;
using Tikr.Grains.Activations;
using Tikr.Grains.Metrics;

namespace Tikr.Grains.Cluster;

/// <summary>Brings partials of other silos to keys that have no activation here yet, by grain calls, a bounded number at once.</summary>
internal sealed class ForeignActivations(IGrainFactory grains, SeriesServices services, GrainMetrics metrics, TikrGrainOptions options)
{
    /// <summary>Begins to gather calls.</summary>
    public Calls Begin() => new(this);

    /// <summary>Partials by key.</summary>
    internal sealed class Calls(ForeignActivations owner)
    {
        private readonly Dictionary<SeriesKey, (uint KeyId, List<Partial> Partials)> _keys = [];

        /// <summary>Copies a partial.</summary>
        public void Add(SeriesKey key, uint keyId, Partial partial)
        {
            ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(_keys, key, out var isThere);
            if (!isThere) entry = (keyId, []);
            entry.Partials.Add(partial.Copy());
        }

        /// <summary>Makes the calls; one that fails is a lost delivery.</summary>
        public Task RunAsync() => Parallel.ForEachAsync(
            _keys, new ParallelOptions { MaxDegreeOfParallelism = owner.MaxCalls }, (entry, _) => owner.CallAsync(entry.Key, entry.Value));
    }

    private int MaxCalls => options.MaxActivationsInFlight;

    private async ValueTask CallAsync(SeriesKey key, (uint KeyId, List<Partial> Partials) entry)
    {
        try
        {
            var grain = grains.GetGrain<ISeriesGrain>(SeriesGrainKey.Of(key.Series, key.Hash));
            await grain.MergeAsync(entry.KeyId, services.NowNs, [.. entry.Partials]).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            metrics.LostDelivery(entry.Partials.Count);
        }
    }
}
