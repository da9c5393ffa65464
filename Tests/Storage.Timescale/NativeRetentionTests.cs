using Npgsql;
using Tikr.Core.Rollup;
using Tikr.Storage;
using Tikr.Storage.Timescale;
using Tikr.Storage.Timescale.Retention;
using Tikr.Tests.Support.Time;
using static Tikr.Tests.Support.Compliance.Market;

namespace Tikr.Tests.Storage.Timescale;

/// <summary>Who expires data on the server at hand, whatever its licence, and that its chunks are as planned.</summary>
public sealed class NativeRetentionTests : IAsyncLifetime
{
    private readonly TimescaleHarness _store = new() { Retention = TimescaleRetention.Auto };

    /// <summary>For what the policies of a server with another idea of the time must not meddle in.</summary>
    private readonly TimescaleHarness _reaped = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _store.OpenAsync(Model());

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        await _reaped.DisposeAsync();
    }

    [Fact]
    public async Task Policies_are_installed_where_the_licence_has_them_and_changed_with_the_ttl()
    {
        var isCommunity = await ScalarAsync<string>("SHOW timescaledb.license") == RetentionPolicySql.Community;
        Assert.Equal(isCommunity, _store.Inner.Reaper.ExpiresItself);
        Assert.Equal(isCommunity ? 2 : 0, await ScalarAsync<long>(Jobs("policy_retention")));
        Assert.Equal(2, await ScalarAsync<long>(Dimensions("5 minutes")));

        var longer = _store.Another(
            new StoreLimits { TicksTtl = TimeSpan.FromHours(24), BarsTtl = TimeSpan.FromHours(12) }, TimescaleRetention.Auto);
        await longer.OpenAsync(Model());
        await longer.DisposeAsync();
        Assert.Equal(1, await ScalarAsync<long>(Dimensions("1 hour")));
        Assert.Equal(1, await ScalarAsync<long>(Dimensions("30 minutes")));
        if (isCommunity)
        {
            Assert.Equal(1, await ScalarAsync<long>(
                $"{Jobs("policy_retention")} AND (config ->> 'drop_after')::interval = '24:01:02' AND schedule_interval = '5 minutes'"));
            Assert.Equal(1, await ScalarAsync<long>($"{Jobs("policy_retention")} AND (config ->> 'drop_after')::interval = '12:01:00'"));
        }

        var reaped = _store.Another(new StoreLimits(), TimescaleRetention.Reaper);
        await reaped.OpenAsync(Model());
        Assert.False(reaped.Inner.Reaper.ExpiresItself);
        await reaped.DisposeAsync();
        Assert.Equal(0, await ScalarAsync<long>(Jobs("policy_retention")));
    }

    [Fact]
    public async Task Upkeep_beside_policies_drops_no_chunk_but_what_they_leave_and_raises_the_horizons_first()
    {
        var series = await _reaped.OpenAsync(Model());
        var epoch = await _reaped.Ticks.AllocateEpochAsync(Stop);
        await _reaped.Ticks.CommitTicksAsync(series, epoch, 1, Run(1, _reaped.NowNs, 40, 1000));
        _reaped.Time.Advance(TimeSpan.FromMinutes(72));
        await _reaped.Inner.Reaper.TendAsync(_reaped.NowNs, prunes: true, Stop);
        await _reaped.Inner.Reaper.TendAsync(_reaped.NowNs, prunes: true, Stop);
        Assert.Equal(0, await ScalarAsync<long>($"SELECT complete_from FROM {_reaped.Schema}.state"));
        Assert.Equal(0, await ScalarAsync<long>($"SELECT bars_cutoff FROM {_reaped.Schema}.state"));
        Assert.Equal(1, await ScalarAsync<long>(
            $"SELECT count(*) FROM timescaledb_information.chunks WHERE hypertable_schema = '{_reaped.Schema}'"));
        Assert.Empty(await _reaped.Ticks.ReadTicksAsync(series, [1], 0, long.MaxValue));
        Assert.DoesNotContain(_reaped.Logs.Messages, m => m.Id == 2122);

        // Nobody drops it, which shows when it has been overdue for two rounds.
        _reaped.Time.Advance(TimeSpan.FromMinutes(10));
        await _reaped.Inner.Reaper.TendAsync(_reaped.NowNs, prunes: true, Stop);
        Assert.DoesNotContain(_reaped.Logs.Messages, m => m.Id == 2122);
        await _reaped.Inner.Reaper.TendAsync(_reaped.NowNs, prunes: true, Stop);
        Assert.Contains(_reaped.Logs.Messages, m => m.Id == 2122 && m.Text.Contains("1 chunks", StringComparison.Ordinal)
            && m.Text.Contains("do not run", StringComparison.Ordinal));
        Assert.Equal(0, await ScalarAsync<long>(
            $"SELECT count(*) FROM timescaledb_information.chunks WHERE hypertable_schema = '{_reaped.Schema}'"));
        Assert.InRange(
            await ScalarAsync<long>($"SELECT complete_from FROM {_reaped.Schema}.state"),
            _reaped.NowNs - (3660 * Second), _reaped.NowNs - (3600 * Second));
        Assert.Equal(_reaped.NowNs - (3660 * Second), await ScalarAsync<long>($"SELECT bars_cutoff FROM {_reaped.Schema}.state"));
        Assert.Empty(await _reaped.Ticks.ManifestsAsync());
    }

    [Fact]
    public async Task What_the_database_dropped_while_no_silo_ran_is_below_the_horizons_at_the_next_start_and_nothing_else_is()
    {
        var (series, start) = await FillAsync();
        await _reaped.ReopenAsync();
        await DropChunksAsync(start + (600 * Second));
        _reaped.Time.Advance(TimeSpan.FromHours(7));

        series = await _reaped.OpenAsync(series.Model);
        var complete = _reaped.Ticks.CompleteFrom(series);
        var left = await _reaped.Ticks.ReadTicksAsync(series, [1], 0, long.MaxValue, includesExpired: true);
        Assert.InRange(complete, start + 1, start + (610 * Second));
        Assert.Equal(20 - left.Count, Enumerable.Range(0, 20).Count(i => start + (i * 60 * Second) < left[0].Time));
        Assert.InRange(left[0].Time, complete - (2 * Second), complete + (300 * Second));
        var gone = new BarWrite(series, 1, Bar(start, 5), -1);
        var there = new BarWrite(series, 1, Bar(start + (900 * Second), 5), 0);
        Assert.Equal(
            [BarWriteOutcome.Expired, BarWriteOutcome.Stored],
            (await _reaped.Bars.WriteAsync([gone, there], Stop)).Select(result => result.Outcome));
    }

    [Fact]
    public async Task Whoever_scans_what_the_database_has_just_dropped_knows_of_it_afterwards()
    {
        var (series, start) = await FillAsync();
        await DropChunksAsync(start + (600 * Second));
        Assert.Equal(0, _reaped.Ticks.CompleteFrom(series));
        await _reaped.Ticks.ReadTicksAsync(series, [1], start, start + Second, includesExpired: true);
        Assert.InRange(_reaped.Ticks.CompleteFrom(series), start + 1, start + (610 * Second));

        await _reaped.Inner.Reaper.TendAsync(_reaped.NowNs, prunes: false, Stop);
        Assert.Equal(_reaped.Ticks.CompleteFrom(series), await ScalarAsync<long>($"SELECT complete_from FROM {_reaped.Schema}.state"));
        Assert.All(
            (await _reaped.Ticks.ManifestsAsync()).SelectMany(manifest => manifest.Sections).SelectMany(section => section.Pairs),
            pair => Assert.True(pair.BucketStart + Second > _reaped.Ticks.CompleteFrom(series)));
    }

    [Fact]
    public async Task A_table_that_somebody_dropped_takes_no_other_series_ticks()
    {
        var (series, _) = await FillAsync();
        var other = (await _reaped.Catalog.OpenAsync([series.Model, Model("gone")], Stop))[1];
        await _reaped.Ticks.CommitTicksAsync(other, await _reaped.Ticks.AllocateEpochAsync(Stop), 1, Run(1, _reaped.NowNs, 40, 1000));
        await _reaped.ReopenAsync();
        await TimescaleHarness.ExecuteAsync($"DROP TABLE {_reaped.Schema}.ticks_{other.Id} CASCADE; "
            + $"DELETE FROM {_reaped.Schema}.series WHERE id = {other.Id}");
        series = await _reaped.OpenAsync(series.Model);
        Assert.Equal(0, _reaped.Ticks.CompleteFrom(series));
    }

    [Fact]
    public async Task A_schema_of_the_first_format_is_brought_to_the_present_one()
    {
        var (series, start) = await FillAsync();
        var before = await _reaped.Ticks.ManifestsAsync();
        await _reaped.ReopenAsync();
        await TimescaleHarness.ExecuteAsync($"""
            ALTER TABLE {_reaped.Schema}.manifests DROP COLUMN pair_series, DROP COLUMN pair_least, ADD COLUMN least_bucket bigint;
            ALTER TABLE {_reaped.Schema}.state ADD COLUMN ticks_ttl_ns bigint NOT NULL DEFAULT 0;
            DROP TABLE {_reaped.Schema}.chunks, {_reaped.Schema}.incarnations, {_reaped.Schema}.epochs;
            ALTER TABLE {_reaped.Schema}.flush_ledger RENAME TO ledger;
            UPDATE {_reaped.Schema}.state SET format = 1, ticks_ttl_ns = 3600000000000
            """);
        _reaped.Time.Advance(TimeSpan.FromHours(2));
        series = await _reaped.OpenAsync(series.Model);
        Assert.Equal(0, _reaped.Ticks.CompleteFrom(series));
        Assert.Equal(
            before.Select(manifest => (manifest.Id, manifest.Sections[0].LeastBucket)),
            (await _reaped.Ticks.ManifestsAsync()).Select(manifest => (manifest.Id, manifest.Sections[0].LeastBucket)));
        Assert.Equal(start, await ScalarAsync<long>($"SELECT min(l) FROM {_reaped.Schema}.manifests, unnest(pair_least) AS l"));
        Assert.True(await ScalarAsync<long>($"SELECT count(*) FROM {_reaped.Schema}.chunks") >= 4);
    }

    /// <summary>A tick and a bar a minute, for twenty minutes.</summary>
    private async Task<(Series Series, long Start)> FillAsync()
    {
        var series = await _reaped.OpenAsync(Model());
        var epoch = await _reaped.Ticks.AllocateEpochAsync(Stop);
        var start = _reaped.NowNs;
        for (var i = 0; i < 20; i++)
        {
            await _reaped.Ticks.CommitTicksAsync(series, epoch, (ulong)i + 1, Run(1, start + (i * 60 * Second), 1, 1));
            await _reaped.Bars.WriteAsync([new BarWrite(series, 1, Bar(start + (i * 60 * Second), i), -1)], Stop);
        }

        return (series, start);
    }

    /// <summary>What policies do.</summary>
    private async Task DropChunksAsync(long beforeNs)
    {
        foreach (var table in new[] { "ticks_1", "bars_1_1000000000" })
            await TimescaleHarness.ExecuteAsync(
                $"SELECT drop_chunks('{_reaped.Schema}.{table}', older_than => {Tikr.Storage.Timescale.Sql.TimeLiteral(beforeNs)})");
    }

    [Fact]
    public async Task Maintenance_waits_until_the_catalog_is_open()
    {
        await using var early = new TimescaleHarness();
        await early.Inner.Reaper.ReapAsync(early.NowNs, Stop);
        await early.Inner.Reaper.EnforceLimitsAsync(Stop);
        Assert.Null(early.Inner.Database.Trouble);
    }

    [Fact]
    public async Task A_longer_ttl_does_not_make_complete_again_what_has_gone_under_the_shorter()
    {
        var (_, start) = await FillAsync();
        _reaped.Time.Advance(TimeSpan.FromMinutes(75));
        await _reaped.ReapAsync();
        var longer = _reaped.Another(new StoreLimits { TicksTtl = TimeSpan.FromHours(24) }, TimescaleRetention.Reaper);
        var series = await longer.OpenAsync(Model());
        Assert.InRange(longer.Ticks.CompleteFrom(series), start + (600 * Second), start + (900 * Second));
        await longer.DisposeAsync();
    }

    [Fact]
    public async Task A_clock_step_drops_nothing_until_it_is_confirmed_in_the_database()
    {
        var series = await _reaped.OpenAsync(Model());
        var epoch = await _reaped.Ticks.AllocateEpochAsync(Stop);
        await _reaped.Ticks.CommitTicksAsync(series, epoch, 1, Run(1, _reaped.NowNs, 40, 1000));
        await _reaped.ReapAsync();
        var ahead = _reaped.NowNs + (5 * 3600 * Second);
        await _reaped.Inner.Reaper.ReapAsync(ahead, Stop);
        Assert.Contains(_reaped.Logs.Messages, m => m.Id == 2011
            && m.Text.Contains("SET clock_step_confirmed = true", StringComparison.Ordinal));
        Assert.Equal(40, (await _reaped.Ticks.ReadTicksAsync(series, [1], 0, long.MaxValue)).Count);
        await TimescaleHarness.ExecuteAsync($"UPDATE {_reaped.Schema}.state SET clock_step_confirmed = true");
        await _reaped.Inner.Reaper.ReapAsync(ahead, Stop);
        Assert.Empty(await _reaped.Ticks.ReadTicksAsync(series, [1], 0, long.MaxValue));
        Assert.False(await ScalarAsync<bool>($"SELECT clock_step_confirmed FROM {_reaped.Schema}.state"));
    }

    [Fact]
    public async Task A_clock_step_is_noticed_in_a_new_schema_whose_first_run_ended_before_any_cycle()
    {
        var clock = new SteppingTime(_reaped.Time.GetUtcNow());
        await using var store = new TimescaleHarness { Time = clock };
        var series = await store.OpenAsync(Model());
        await store.Ticks.CommitTicksAsync(series, await store.Ticks.AllocateEpochAsync(Stop), 1, Run(1, store.NowNs, 40, 1000));
        await store.ReopenAsync();

        clock.StepWall(TimeSpan.FromHours(7));
        await store.OpenAsync(Model());
        await store.ReapAsync();
        Assert.Single(store.Logs.Messages, m => m.Id == 2011);
        clock.StepWall(TimeSpan.FromHours(-7));
        Assert.Equal(40, (await store.Ticks.ReadTicksAsync(series, [1], 0, long.MaxValue)).Count);
    }

    private string Jobs(string policy) =>
        $"SELECT count(*) FROM timescaledb_information.jobs WHERE hypertable_schema = '{_store.Schema}' AND proc_name = '{policy}'";

    private string Dimensions(string interval) =>
        $"SELECT count(*) FROM timescaledb_information.dimensions WHERE "
            + $"hypertable_schema = '{_store.Schema}' AND time_interval = '{interval}'";

    private static async Task<T> ScalarAsync<T>(string sql)
    {
        await using var source = NpgsqlDataSource.Create(TimescaleServer.SharedDatabase + ";Pooling=false");
        await using var command = source.CreateCommand($"SELECT FROM timescaledb_information.hypertables LIMIT 0; {sql}");
        await using var reader = await command.ExecuteReaderAsync(Stop);
        await reader.NextResultAsync(Stop);
        Assert.True(await reader.ReadAsync(Stop));
        return reader.GetFieldValue<T>(0);
    }
}
