using System.Runtime.CompilerServices;
using Tikr.Core.Time;
using Tikr.Storage.Timescale.Catalog;

namespace Tikr.Storage.Timescale.Bars;

/// <summary>Reads the bars of many keys, as many keys at a time as surely fit in memory.</summary>
internal static class ManyKeysRead
{
    private const int MostBars = 1 << 16;
    private const int MostKeys = 1024;

    public static async IAsyncEnumerable<KeyBar> ReadAsync(
        IBarStore bars, TimescaleDatabase database, StoreState state,
            TimescaleSeries series, IReadOnlyList<uint> keyIds, long fromNs, long toNs,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        var from = Math.Max(0, Math.Max(fromNs, state.BarsExpiredBeforeNs));
        if (from >= toNs) yield break;

        // Nothing is stored further ahead than bars may be.
        var span = Math.Max(
            0, Math.Min(toNs, database.Time.GetUnixNanoseconds() + series.Series.Model.Spec.MaxFutureNs + series.RollupNs) - from);
        var keysAtOnce = (int)Math.Clamp(MostBars / ((span / series.RollupNs) + 1), 1, MostKeys);
        foreach (var some in keyIds.Chunk(keysAtOnce))
        {
            if (some.Length == 1)
            {
                await foreach (var bar in bars.ReadAsync(series.Series, some[0], fromNs, toNs, cancellation)
                    .ConfigureAwait(false)) yield return new KeyBar(some[0], bar);
                continue;
            }

            var found = await database.ReadAsync("read bars", (connection, stop) => connection.Command(series.Bars.RangeOfMany)
                .With<long[]>([.. some.Select(key => (long)key)]).With(Sql.Time(from)).With(Sql.Time(toNs - 1))
                .ListAsync(reader => BarRow.Read(reader, series.Bars.Metrics), stop), cancellation).ConfigureAwait(false);
            var expiredBefore = state.BarsExpiredBeforeNs;
            var byKey = found.Where(row => row.Bar.BucketStart >= Math.Max(from, expiredBefore) && row.Bar.BucketStart < toNs)
                .ToLookup(row => row.KeyId, row => row.Bar);
            foreach (var key in some)
            {
                foreach (var bar in byKey[key].OrderBy(bar => bar.BucketStart)) yield return new KeyBar(key, bar);
            }
        }
    }
}
