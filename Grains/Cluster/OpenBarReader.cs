using Tikr.Core.Rollup;
using Tikr.Core.Time;
using Tikr.Grains.Activations;
using Tikr.Grains.Buckets;
using Tikr.Grains.Recompute;
using Tikr.Storage;

namespace Tikr.Grains.Cluster;

/// <summary>
/// Asks the silos that own the keys, each in one call. A key that is not active has no open bar. Where a silo does not answer, the buckets
/// that may be open are folded from stored ticks.
/// </summary>
internal sealed class OpenBarReader(
    ClusterView view, ExchangeReceiver local, ExchangeClient client, SeriesServices services, TimeProvider time) : IOpenBars
{
    private static readonly long SlackNs = TimeSpan.FromSeconds(1).ToNanoseconds();

    public async Task<Bar[][]> ReadAsync(
        Series series, IReadOnlyList<StoredKey> keys, long fromNs, long toNs, CancellationToken cancellation)
    {
        var bars = new Bar[keys.Count][];
        Array.Fill(bars, []);
        var division = view.Now;
        var calls = Enumerable.Range(0, keys.Count)
            .GroupBy(i => division.IsAlone ? 0 : division.OwnerOf(keys[i].Dimensions.Hash))
            .Select(owner => ReadOfAsync(division, owner.Key, [.. owner]));
        await Task.WhenAll(calls).ConfigureAwait(false);
        return bars;

        async Task ReadOfAsync(Division of, int owner, int[] indexes)
        {
            UInt128[] hashes = [.. indexes.Select(i => keys[i].Dimensions.Hash)];
            try
            {
                var open = of.IsAlone || of.Members[owner].Silo.Equals(view.Self)
                    ? await local.ReadOpenAsync(series.Name, hashes, fromNs, toNs).ConfigureAwait(false)
                    : await client.Of(of.Members[owner].Silo).GetOpenBarsAsync(series.Name, hashes, fromNs, toNs)
                        .WaitAsync(cancellation).ConfigureAwait(false);
                foreach (var key in open.GroupBy(one => one.Key)) bars[indexes[key.Key]] = [.. key.Select(one => one.Bar)];
            }
            catch (Exception error) when (error is TimeoutException or OrleansException)
            {
                foreach (var i in indexes) bars[i] = await FoldAsync(series, keys[i].KeyId, fromNs, toNs).ConfigureAwait(false);
            }
        }
    }

    // From the first that may not have closed, were its gateways to lag, to the last that a tick may be of.
    private async Task<Bar[]> FoldAsync(Series series, uint keyId, long fromNs, long toNs)
    {
        var (model, nowNs) = (series.Model, time.GetUnixNanoseconds());
        var spec = model.Spec;
        var first = model.BucketOf(nowNs - spec.GraceNs - services.Options.MaxCloseDelay.ToNanoseconds() - SlackNs);
        var scans = new List<RecomputeOnce>();
        for (var start = first; start <= nowNs + spec.MaxFutureNs; start += spec.RollupNs)
        {
            if (start >= fromNs && start < toNs) scans.Add(new RecomputeOnce(series, keyId, start, RecomputeCause.Query));
        }

        foreach (var scan in scans) services.Recompute.Enqueue(scan);
        var bars = new List<Bar>(scans.Count);
        foreach (var scan in scans)
        {
            if ((await scan.Answer.ConfigureAwait(false)).Bar is { } bar) bars.Add(bar);
        }

        return [.. bars];
    }
}
