using Tikr.Storage;
using Tikr.Storage.Timescale;
using static Tikr.Tests.Support.Compliance.Market;

namespace Tikr.Tests.Storage.Timescale;

/// <summary>
/// What expires data on the server at hand: policies under the community licence, the reaper under Apache's. Either way the same data go
/// and the same are visible.
/// </summary>
public sealed class RetentionCommunityLicenceTests
{
    private const string Retention = "policy_retention", Ticks = "ticks_1", Bars = "bars_1_1000000000";
    private const long Minute = 60 * Second, Hour = 60 * Minute;

    private static readonly TimeSpan BarsTrail = TimeSpan.FromSeconds(60), TicksTrail = TimeSpan.FromSeconds(62);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_table_has_a_policy_that_follows_its_ttl()
    {
        await using var store = await LicensedStore.OpenAsync(Limits(1, 1));
        foreach (var (ticks, bars) in new[] { (1, 1), (24, 12), (6, 2), (2, 24), (1, 1) })
        {
            await store.RestartAsync(Limits(ticks, bars));
            Assert.Equal(store.IsCommunity, store.Now.Inner.Reaper.ExpiresItself);
            Assert.Equal(
                store.IsCommunity
                    ? [
                        new(Bars, Retention, TimeSpan.FromHours(bars) + BarsTrail, Schedule(bars), IsOurs: true),
                        new(Ticks, Retention, TimeSpan.FromHours(ticks) + TicksTrail, Schedule(ticks), IsOurs: true),
                    ]
                    : [],
                await store.PoliciesAsync());
        }

        // What is as it should be is left alone, runs and statistics included.
        var jobs = await store.JobsAsync(Retention);
        await store.RestartAsync(Limits(1, 1));
        Assert.Equal(jobs, await store.JobsAsync(Retention));

        await store.RestartAsync(Limits(1, 1), retention: TimescaleRetention.Reaper);
        Assert.Empty(await store.PoliciesAsync());
        Assert.False(store.Now.Inner.Reaper.ExpiresItself);
    }

    [Fact]
    public async Task A_policy_that_somebody_changed_is_put_right_at_the_next_start()
    {
        await using var store = await LicensedStore.OpenAsync(Limits(1, 1));
        var right = await store.PoliciesAsync();
        if (store.IsCommunity)
        {
            await TimescaleHarness.ExecuteAsync($"SELECT remove_retention_policy('{store.Schema}.{Bars}'); "
                + $"SELECT add_retention_policy('{store.Schema}.{Bars}', INTERVAL '30 days')");
            await TimescaleHarness.ExecuteAsync($"SELECT remove_retention_policy('{store.Schema}.{Ticks}')");
            Assert.NotEqual(right, await store.PoliciesAsync());
        }

        await store.RestartAsync(Limits(1, 1));
        Assert.Equal(right, await store.PoliciesAsync());
        Assert.Equal(store.IsCommunity ? 2 : 0, right.Count);
    }

    [Fact]
    public async Task Expired_data_are_invisible_at_once_and_then_dropped_and_nothing_else_is()
    {
        await using var store = await LicensedStore.OpenAsync(Limits(24, 24));
        await store.ResolveKeysAsync(1);
        var now = store.Now.NowNs;
        long[] ages = [23 * Hour, 5 * Hour, 3 * Hour, 50 * Minute, 10 * Minute];
        var epoch = await store.Now.Ticks.AllocateEpochAsync(Stop);
        foreach (var (i, age) in ages.Index())
        {
            await store.Now.Ticks.CommitTicksAsync(store.Series, epoch, (ulong)i + 1, Run(1, now - age, 40, 1000));
            await store.Now.Bars.WriteAsync([new BarWrite(store.Series, 1, Bar(store.Series.Model.BucketOf(now - age), i), -1)], Stop);
        }

        Assert.Equal((200, 5), await VisibleAsync(store));
        var chunks = await ChunksAsync(store);
        var alive = await store.CountAsync<long>("SELECT count(*) FROM timescaledb_information.chunks "
            + "WHERE hypertable_schema = '{schema}' AND range_end > now() - interval '1:01:02'");

        await store.RestartAsync(Limits(1, 1));
        Assert.Equal((80, 2), await VisibleAsync(store));

        // A policy runs as soon as the server gets round to it, the reaper when it is told to.
        if (!store.IsCommunity) Assert.Equal(chunks, await ChunksAsync(store));
        if (store.IsCommunity) await store.RunAsync(Retention);
        else await store.Now.Inner.Reaper.ReapAsync(now, Stop);
        Assert.Equal((80, 2), await VisibleAsync(store));
        Assert.Equal(alive, await ChunksAsync(store));
        Assert.InRange(alive, 2, 4);
        Assert.Equal(0, await store.CountAsync<long>(
            "SELECT count(*) FROM {schema}.ticks_1 WHERE time < now() - interval '2 hours 2 minutes'"));
        Assert.Equal(2, await store.CountAsync<long>("SELECT count(*) FROM {schema}.bars_1_1000000000"));

        // Completeness does not reach back to what is gone, whoever dropped it and whether or not anything else has run.
        await store.Now.Ticks.ReadTicksAsync(store.Series, [1], now - (3 * Hour), now - (3 * Hour) + Second, includesExpired: true);
        Assert.InRange(store.Now.Ticks.CompleteFrom(store.Series), now - (3 * Hour) + 1, now - (50 * Minute));
    }

    [Fact]
    public async Task The_server_runs_its_policies_by_itself()
    {
        await using var store = await LicensedStore.OpenAsync(Limits(1, 1));
        var jobs = await store.JobsAsync(Retention);
        Assert.Equal(store.IsCommunity ? 2 : 0, jobs.Count);
        foreach (var job in jobs)
        {
            // The server sleeps between the questions; the schedule of this TTL is one minute.
            var runs = 0L;
            for (var turn = 0; runs == 0 && turn < 180; turn++)
                runs = await store.CountAsync<long>($"SELECT {Total("total_runs", $"job_id = {job}")} FROM pg_sleep(0.5)");
            Assert.True(
                runs > 0, $"Job {job} has not run in 90 s: are timescaledb.max_background_workers and max_worker_processes large enough?");

            // Some pairs of PostgreSQL and TimescaleDB run no job at all, not even those of the extension: upkeep makes up for it there.
            var works = await store.CountAsync<long>($"SELECT {Total("total_successes", $"job_id = {job}")}") > 0;
            var runsAny = await store.CountAsync<long>($"SELECT {Total("total_successes", "job_id < 1000")}") > 0
                || await store.CountAsync<long>($"SELECT {Total("total_failures", "job_id < 1000")}") == 0;
            Assert.True(works || !runsAny, $"Job {job} fails: {await store.CountAsync<string>(JobError(job))}");
            if (!works)
                TestContext.Current.TestOutputHelper?.WriteLine($"This server cannot run background jobs, "
                + $"those of TimescaleDB itself included: {await store.CountAsync<string>(JobError(job))}");
        }
    }

    [Fact]
    public async Task Chunks_that_policies_leave_are_dropped_by_upkeep_which_says_why()
    {
        await using var store = await LicensedStore.OpenAsync(Limits(24, 24));
        var now = store.Now.NowNs;
        var epoch = await store.Now.Ticks.AllocateEpochAsync(Stop);
        await store.Now.Ticks.CommitTicksAsync(store.Series, epoch, 1, Run(1, now - (5 * Hour), 40, 1000));
        await store.Now.Ticks.CommitTicksAsync(store.Series, epoch, 2, Run(1, now - (50 * Minute), 40, 1000));
        await store.RestartAsync(Limits(1, 1));
        foreach (var job in await store.JobsAsync(Retention))
            await TimescaleHarness.ExecuteAsync($"SELECT alter_job({job}, scheduled => false)");

        await store.Now.Inner.Reaper.TendAsync(now, prunes: true, Stop);
        if (await ChunksAsync(store) == 2) await store.Now.Inner.Reaper.TendAsync(now, prunes: true, Stop);
        Assert.Equal(1, await ChunksAsync(store));
        Assert.Equal(40, (await store.Now.Ticks.ReadTicksAsync(store.Series, [1], 0, long.MaxValue)).Count);
    }

    private static StoreLimits Limits(int ticksHours, int barsHours) =>
        new() { TicksTtl = TimeSpan.FromHours(ticksHours), BarsTtl = TimeSpan.FromHours(barsHours) };

    private static TimeSpan Schedule(int ttlHours) => TimeSpan.FromMinutes(ttlHours <= 2 ? 1 : ttlHours <= 6 ? 2 : 5);

    private static string Total(string column, string which) =>
        $"(SELECT coalesce(sum({column}), 0)::bigint FROM timescaledb_information.job_stats WHERE {which})";

    private static string JobError(int job) =>
        $"SELECT coalesce((SELECT err_message FROM timescaledb_information.job_errors WHERE "
            + $"job_id = {job} ORDER BY start_time DESC LIMIT 1), 'no error is known')";

    private static Task<long> ChunksAsync(LicensedStore store) =>
        store.CountAsync<long>("SELECT count(*) FROM timescaledb_information.chunks WHERE hypertable_schema = '{schema}'");

    /// <summary>Ticks and bars that one can see, which store and views agree on.</summary>
    private static async Task<(int Ticks, int Bars)> VisibleAsync(LicensedStore store)
    {
        var ticks = (await store.Now.Ticks.ReadTicksAsync(store.Series, [1], 0, long.MaxValue)).Count;
        var bars = 0;
        await foreach (var _ in store.Now.Bars.ReadAsync(store.Series, 1, 0, long.MaxValue, Stop)) bars++;
        Assert.Equal(ticks, await store.CountAsync<long>("SELECT count(*) FROM {schema}.trades"));
        Assert.Equal(bars, await store.CountAsync<long>("SELECT count(*) FROM {schema}.trades_1s"));
        return (ticks, bars);
    }
}
