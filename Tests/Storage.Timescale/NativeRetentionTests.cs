using Npgsql;
using Tikr.Storage.Timescale;
using Tikr.Storage.Timescale.Retention;
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
    public async Task Upkeep_beside_policies_raises_the_horizons_and_drops_no_chunk_but_what_they_leave()
    {
        var series = await _reaped.OpenAsync(Model());
        var epoch = await _reaped.Ticks.AllocateEpochAsync(Stop);
        await _reaped.Ticks.CommitTicksAsync(series, epoch, 1, Run(1, _reaped.NowNs, 40, 1000));
        _reaped.Time.Advance(TimeSpan.FromMinutes(72));
        await _reaped.Inner.Reaper.TendAsync(_reaped.NowNs, prunes: true, Stop);
        await _reaped.Inner.Reaper.TendAsync(_reaped.NowNs, prunes: true, Stop);
        Assert.Equal(_reaped.NowNs - (3600 * Second), await ScalarAsync<long>($"SELECT complete_from FROM {_reaped.Schema}.state"));
        Assert.Equal(_reaped.NowNs - (3600 * Second), await ScalarAsync<long>($"SELECT bars_cutoff FROM {_reaped.Schema}.state"));
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
    public async Task A_longer_ttl_does_not_make_complete_again_what_may_have_expired_under_the_shorter()
    {
        var longer = _store.Another(new StoreLimits { TicksTtl = TimeSpan.FromHours(24) }, TimescaleRetention.Auto);
        var series = await longer.OpenAsync(Model());
        Assert.Equal(longer.NowNs - (3600 * Second), longer.Ticks.CompleteFrom(series));
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
