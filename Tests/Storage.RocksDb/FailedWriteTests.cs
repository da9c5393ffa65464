using Tikr.Core.Rollup;
using Tikr.Storage;
using static Tikr.Tests.Support.Compliance.Market;

namespace Tikr.Tests.Storage.RocksDb;

/// <summary>A disk that fails at any single write, then works again, then a crash: nothing shows in memory before it is durable.</summary>
public sealed class FailedWriteTests : IAsyncLifetime
{
    private const int Slices = 30;

    private readonly List<RocksDbHarness> _stores = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores) await store.DisposeAsync();
    }

    [Fact]
    public async Task Every_evicted_tick_is_below_complete_from_after_a_crash_whichever_write_failed()
    {
        for (var failing = 1; failing <= 4; failing++)
        {
            var (store, series) = await FilledAsync(new StoreLimits { TicksMaxBytes = 150_000 });
            var start = store.NowNs - (Slices * 10 * Second);
            await FailAsync(store, failing, () => store.Reaper.EnforceLimitsAsync(Stop));
            await store.Reaper.EnforceLimitsAsync(Stop);
            await CheckTicksAsync(store, series, start);
        }
    }

    [Fact]
    public async Task Every_expired_tick_and_bar_is_below_its_horizon_after_a_crash_whichever_write_failed()
    {
        for (var failing = 1; failing <= 6; failing++)
        {
            var (store, series) = await FilledAsync(new StoreLimits());
            var start = store.NowNs - (Slices * 10 * Second);
            store.Time.Advance(TimeSpan.FromMinutes(58.5));
            await FailAsync(store, failing, () => store.Reaper.ReapAsync(store.NowNs, Stop));
            await store.ReapAsync();
            await CheckTicksAsync(store, series, start);
            await CheckBarsAsync(store, series, start);
        }
    }

    [Fact]
    public async Task A_layout_whose_write_failed_is_written_by_the_next_attempt()
    {
        var (store, _) = await FilledAsync(new StoreLimits());
        var model = PlanWith([new("open", "price", Tikr.Core.Specs.FieldType.Int64, "first")]);
        await FailAsync(store, 1, async () => await store.OpenAsync(model));
        var series = await store.OpenAsync(model);
        var bucket = series.Model.BucketOf(store.NowNs);
        await store.Bars.WriteAsync([new BarWrite(series, 1, Bar(bucket, 5, metrics: 1), -1)], Stop);

        var copy = Crash(store);
        series = await copy.OpenAsync(Model());

        Assert.Equal(5, (await copy.Bars.FindAsync(series, 1, bucket, Stop))!.Values[0]);
    }

    /// <summary>Runs what meets the disk's failure at its n-th write; the failure may be met later or not at all.</summary>
    private static async Task FailAsync(RocksDbHarness store, int write, Func<ValueTask> run)
    {
        store.Inner.Database.Writing = () =>
        {
            if (--write == 0) throw FailingDisk.Full();
        };
        try
        {
            await run();
        }
        catch (StoreUnavailableException)
        {
            // As told.
        }

        store.Inner.Database.Writing = null;
    }

    /// <summary>From complete_from on every tick is there; a bucket from there on can be recomputed.</summary>
    private async Task CheckTicksAsync(RocksDbHarness store, Series series, long start)
    {
        var copy = Crash(store);
        series = await copy.OpenAsync(series.Model);
        var complete = copy.Ticks.CompleteFrom(series);
        Assert.InRange(complete, start, store.NowNs);
        var left = await copy.Ticks.ReadTicksAsync(series, [1], complete, long.MaxValue, includesExpired: true);
        Assert.Equal(Times(start).Count(time => time >= complete), left.Count);
    }

    private async Task CheckBarsAsync(RocksDbHarness store, Series series, long start)
    {
        var copy = Crash(store);
        series = await copy.OpenAsync(series.Model);
        for (var slice = 0; slice < Slices; slice++)
        {
            var write = new BarWrite(series, 1, Bar(series.Model.BucketOf(start + (slice * 10 * Second)), 1000 + slice), 0);
            Assert.NotEqual(BarWriteOutcome.Conflict, (await copy.Bars.WriteAsync([write], Stop))[0].Outcome);
        }
    }

    private static IEnumerable<long> Times(long start) =>
        from slice in Enumerable.Range(0, Slices)
        from n in Enumerable.Range(0, 1000)
        select start + (slice * 10 * Second) + (n * 8_000_000L);

    /// <summary>Ticks and a bar in each slice of ten seconds, all covered.</summary>
    private async Task<(RocksDbHarness Store, Series Series)> FilledAsync(StoreLimits limits)
    {
        var store = new RocksDbHarness { Limits = limits };
        _stores.Add(store);
        var series = await store.OpenAsync(Model());
        var epoch = await store.Ticks.AllocateEpochAsync(Stop);
        var random = new Random(1);
        for (var slice = 0; slice < Slices; slice++)
        {
            var now = store.NowNs;
            var ticks = Enumerable.Range(0, 1000).Select(n => new TestTick(1, now + (n * 8_000_000L), (uint)n, random.NextInt64(), n));
            await store.Ticks.CommitTicksAsync(series, epoch, (ulong)slice + 1, ticks);
            await store.Bars.WriteAsync([new BarWrite(series, 1, Bar(series.Model.BucketOf(now), slice), -1)], Stop);
            store.Time.Advance(TimeSpan.FromSeconds(10));
        }

        await store.Ticks.RetireAsync(epoch, Slices + 1, Stop);
        return (store, series);
    }

    private RocksDbHarness Crash(RocksDbHarness store)
    {
        var copy = store.CopyAfterCrash();
        _stores.Add(copy);
        return copy;
    }
}
