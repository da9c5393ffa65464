using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Grains.Recompute;
using Tikr.Storage;
using Tikr.Tests.Support.Memory;

namespace Tikr.Tests.Properties.Recompute;

public sealed class RecomputeScanTests
{
    private const long Origin = 1_000_000 * TestSeries.Second;

    private static readonly Gen<(uint Key, int Bucket, int Offset, int Sequence, int Value)[]> Ticks =
        Gen.Select(Gen.UInt[1, 200], Gen.Int[0, 30], Gen.Int[0, 2], Gen.Int[0, 1], Gen.Int[0, 9]).Array[1, 80];

    [Fact]
    public Task Any_ticks_in_any_flushes_recompute_to_the_bars_of_one_sorted_pass() =>
        Gen.Select(Ticks, Gen.Int[1, 10], Gen.Bool).SampleAsync(
            (ticks, perFlush, dedup) =>
                CheckAsync(ticks, perFlush, dedup ? DedupPolicy.Sequence : DedupPolicy.None), iter: 300, threads: 1);

    [Fact]
    public async Task Keys_of_one_bucket_are_served_by_few_scans()
    {
        var (store, series) = await OpenAsync(DedupPolicy.None);
        var scans = CountScans(store);
        var items = Requests(series, from key in Enumerable.Range(1, 100_000) select ((uint)key, Origin));
        await Scan(store).RunAsync(items, TestContext.Current.CancellationToken);
        Assert.Equal(7, scans.Count);
        Assert.All(items.Cast<Request>(), item => Assert.Equal(RecomputeKind.NoTicks, item.Result!.Value.Kind));
    }

    [Fact]
    public async Task A_day_of_late_buckets_of_few_keys_is_served_by_few_scans()
    {
        var (store, series) = await OpenAsync(DedupPolicy.None);
        var scans = CountScans(store);
        var random = new Random(1);
        var pairs = from second in Enumerable.Range(0, 16 * 3600)
                    from key in Enumerable.Range(1, 4)
                    where random.Next(100) < 18
                    select ((uint)key, Origin + (second * TestSeries.Second));
        var items = Requests(series, pairs);
        await Scan(store).RunAsync(items, TestContext.Current.CancellationToken);
        Assert.InRange(scans.Count, 1, items.Count / 8);
    }

    [Fact]
    public async Task Keys_far_apart_in_time_do_not_make_each_other_read_more()
    {
        var (store, series) = await OpenAsync(DedupPolicy.None);
        var scans = CountScans(store);
        var items = Requests(series,
            from key in Enumerable.Range(0, 1_000) select ((uint)key + 1, Origin + (key % 100 * 10 * TestSeries.Second)));
        await Scan(store).RunAsync(items, TestContext.Current.CancellationToken);
        Assert.Equal(100, scans.Count);
        Assert.All(scans, read => Assert.Equal((10, TestSeries.Second), (read.Keys.Length, read.ToNs - read.FromNs)));
    }

    [Fact]
    public async Task What_is_claimed_is_fixed_before_the_scan_and_completeness_is_checked_after_it()
    {
        var (store, series) = await OpenAsync(DedupPolicy.None);
        await CommitAsync(store, series, 1, new TestTick(1, Origin, 0, 1, 1), new TestTick(1, Origin + TestSeries.Second, 0, 1, 1));
        await store.WriteAsync(
            [new BarWrite(series, 1, SortedPass.BarOf(series.Model, [new CommittedTick(new TestTick(1, Origin, 0, 1, 1), default)]), -1)],
            TestContext.Current.CancellationToken);
        store.Faults.OnRead = _ =>
        {
            CommitAsync(store, series, 2, new TestTick(1, Origin, 0, 2, 2)).GetAwaiter().GetResult();
            store.Expire(series, Origin + 1);
        };
        var items = Requests(series, [(1u, Origin), (1u, Origin + TestSeries.Second)]);
        await Scan(store).RunAsync(items, TestContext.Current.CancellationToken);
        var (expired, whole) = (((Request)items[0]).Result!.Value, ((Request)items[1]).Result!.Value);
        Assert.Equal((RecomputeKind.Incomplete, 0), (expired.Kind, expired.ExpectedRevision));
        Assert.Equal((RecomputeKind.Bar, -1), (whole.Kind, whole.ExpectedRevision));
        Assert.Equal([new FlushId(1, 1)], whole.Coverage);
    }

    [Fact]
    public async Task Failed_scan_fails_its_own_requests_only()
    {
        var (store, series) = await OpenAsync(DedupPolicy.None);
        store.Faults.OnRead = read =>
        {
            if (read.FromNs == Origin) throw new StoreUnavailableException("down");
        };
        var items = Requests(series, [(1u, Origin), (1u, Origin + (1_000 * TestSeries.Second))]);
        await Scan(store).RunAsync(items, TestContext.Current.CancellationToken);
        Assert.IsType<StoreUnavailableException>(((Request)items[0]).Error);
        Assert.NotNull(((Request)items[1]).Result);
    }

    private static async Task CheckAsync((uint Key, int Bucket, int Offset, int Sequence, int Value)[] ticks,
        int perFlush, DedupPolicy dedup)
    {
        var (store, series) = await OpenAsync(dedup);
        var committed = new List<CommittedTick>();
        ulong number = 0;
        foreach (var part in ticks.Chunk(perFlush))
        {
            var made = part.Select(
                t => new TestTick(t.Key, Origin + (t.Bucket * TestSeries.Second) + t.Offset, (uint)t.Sequence, 1, t.Value));
            committed.AddRange((await CommitAsync(store, series, ++number, [.. made])).Ticks);
        }

        var expected = committed.GroupBy(tick => (tick.Tick.KeyId, series.Model.BucketOf(tick.Tick.Time)))
            .ToDictionary(pair => pair.Key, pair => pair.ToList());
        var items = Requests(series, expected.Keys);
        await Scan(store).RunAsync(items, TestContext.Current.CancellationToken);
        foreach (var item in items.Cast<Request>())
        {
            var own = expected[(item.KeyId, item.BucketStart)];
            var bar = SortedPass.BarOf(series.Model, own);
            Assert.True(bar.SameContent(item.Result!.Value.Bar!), $"expected {bar}, got {item.Result}");
            var repeats = item.Result.Value.Repeats;
            Assert.Equal(dedup == DedupPolicy.None ? 0 : own.Count - bar.TickCount, repeats.Duplicates + repeats.Conflicts);
            Assert.Equal(number, item.Result.Value.Coverage.Of(1));
        }
    }

    private static RecomputeScan Scan(MemoryStore store) => new(store, store, NullLogger.Instance);

    private static async Task<(MemoryStore Store, Series Series)> OpenAsync(DedupPolicy dedup)
    {
        var store = new MemoryStore();
        return (store, (await store.OpenAsync([TestSeries.Model(dedup: dedup)], TestContext.Current.CancellationToken))[0]);
    }

    private static async Task<TestFlush> CommitAsync(MemoryStore store, Series series, ulong number, params TestTick[] ticks)
    {
        var flush = TestFlush.Of(series, new FlushId(1, number), ticks);
        await store.CommitAsync(flush.ToCommit(), TestContext.Current.CancellationToken);
        return flush;
    }

    private static List<TickRead> CountScans(MemoryStore store)
    {
        var scans = new List<TickRead>();
        store.Faults.OnRead = scans.Add;
        return scans;
    }

    private static List<RecomputeItem> Requests(Series series, IEnumerable<(uint KeyId, long Bucket)> pairs) =>
        [.. pairs.Select(pair => new Request(series, pair.KeyId, pair.Bucket))];

    private sealed class Request(Series series, uint keyId, long bucketStart) : RecomputeItem(series, keyId, bucketStart)
    {
        public RecomputeResult? Result { get; private set; }

        public Exception? Error { get; private set; }

        public override void Completed(in RecomputeResult result) => Result = result;

        public override void Failed(Exception error) => Error = error;
    }
}
