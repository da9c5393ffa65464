using CsCheck;
using Tikr.Contracts;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Gateway.Queries;
using Tikr.Tests.Gateway.Fakes;

namespace Tikr.Tests.Gateway.Queries;

/// <summary>Any ticks in any flushes, read with any memory allowance, come out as one sorted pass gives them.</summary>
public sealed class TickOrderProperties
{
    private static readonly Gen<(int Key, long Time, uint Sequence)[][]> Flushes =
        Gen.Select(Gen.Int[0, 5], Gen.Long[0, 40], Gen.UInt[0, 3]).Array[1, 12].Array[0, 12];

    private static readonly ScanThreads Threads = new(1);
    private static readonly ScanPlace Place = new(TimeProvider.System, static _ => { }, default);

    [Fact]
    public void Every_answer_is_the_sorted_pass_over_what_is_stored() =>
        Gen.Select(Flushes, Gen.Int[1, 6], Gen.Int[1, 60], Gen.Int[0, 20], Gen.Bool).Sample(
            (flushes, mostKeys, mostTicks, limit, dedup) => Check(flushes, mostKeys, mostTicks, limit, dedup), iter: 2000);

    private static void Check((int Key, long Time, uint Sequence)[][] flushes, int mostKeys, int mostTicks, int limit, bool dedup)
    {
        var model = new SeriesModel(Market.Spec with { Dedup = dedup ? DedupPolicy.Sequence : DedupPolicy.None });
        var store = new FilledStore(model);
        var number = 0;
        var rows = flushes.Select(flush => flush.Select(tick =>
            new TickRow(store.Key($"S{tick.Key}", "X"), tick.Time, tick.Sequence, [++number, 0])).ToArray()).ToArray();
        foreach (var flush in rows) store.Flush(flush);

        var answers = new RecordingWriter<TickData>();
        var range = new QueryRange(store.Series, [null, null], 3, 37, limit == 0 ? long.MaxValue : limit);
        var sender = new TickSender(model, new RowWriter<TickData>(answers, range.Limit, Place, Threads));
        new ManyKeysReader(store.Memory, mostTicks, mostKeys)
            .RunAsync(range, new KeyListing(store.Memory).ListAsync(range, default), sender, default).GetAwaiter().GetResult();

        var expected = rows.SelectMany((flush, i) => flush.Select((tick, j) => (tick, Flush: i, Arrival: j)))
            .Where(item => item.tick.Time is >= 3 and < 37)
            .OrderBy(item => item.tick.Key.Dimensions.Values[0], StringComparer.Ordinal)
            .ThenBy(item => item.tick.Time).ThenBy(item => item.tick.Sequence).ThenBy(item => item.Flush).ThenBy(item => item.Arrival)
            .Select(item => item.tick);
        if (dedup) expected = expected.DistinctBy(tick => (tick.Key, tick.Time, tick.Sequence, tick.Sequence == 0 ? tick.Fields[0] : 0));
        Assert.Equal(
            expected.Take(limit == 0 ? int.MaxValue : limit).Select(tick => $"{tick.Key.Dimensions.Values[0]} {tick.Fields[0]}"),
            answers.Rows.Select(row => $"{row.Dimensions["symbol"]} {row.Fields["price"]}"));
    }
}
