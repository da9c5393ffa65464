using Orleans.Concurrency;
using Tikr.Core.Delivery;
using Tikr.Core.Rollup;
using Tikr.Grains.Buckets;
using Tikr.Grains.Cluster;
using Tikr.Grains.Recompute;

namespace Tikr.Grains.Activations;

/// <summary>
/// One key of one series: merges partials into open buckets and closes them into bars. Thin: the rules are in <see cref="KeyBuckets"/>,
/// what runs is <see cref="SeriesActivation"/>. Nothing durable depends on its deactivation.
/// </summary>
[Reentrant, KeepAlive, OwnerPlacement]
internal sealed class SeriesGrain(SeriesServices services) : Grain, ISeriesGrain
{
    private SeriesActivation _activation = null!;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = SeriesKey.Parse(this.GetPrimaryKeyString());
        if (!services.Directory.TryFind(key.Series, out var series)) throw Errors.SeriesNotConfigured(key.Series);
        _activation = new SeriesActivation(this, key with { Series = series.Model.Name }, series, services);
        _activation.Start();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        // Null when the activation itself failed.
        _activation?.Stop();
        return Task.CompletedTask;
    }

    public Task MergeAsync(uint keyId, long sentNs, Partial[] partials)
    {
        _activation.Merge(keyId, sentNs, partials);
        return Task.CompletedTask;
    }

    public async Task<Bar[]> GetOpenBarsAsync(long fromNs, long toNs)
    {
        var bars = new List<Bar>();
        var scans = new List<RecomputeOnce>();
        _activation.ReadOpen(fromNs, toNs, bars, scans);
        foreach (var scan in scans)
        {
            if ((await scan.Answer).Bar is { } bar) bars.Add(bar);
        }

        bars.Sort(static (left, right) => left.BucketStart.CompareTo(right.BucketStart));
        return [.. bars];
    }
}
