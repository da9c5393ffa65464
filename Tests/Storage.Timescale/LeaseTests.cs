using Npgsql;
using Tikr.Core.Rollup;
using Tikr.Storage;
using static Tikr.Tests.Support.Compliance.Market;

namespace Tikr.Tests.Storage.Timescale;

/// <summary>
/// What one silo does for all is another's once the incarnation that did it is sealed, and not before, whatever any clock says.
/// </summary>
public sealed class LeaseTests : IAsyncLifetime
{
    private static readonly Incarnation Dead = new("S10.0.0.1:9090@1", "10.0.0.1:9090", "");
    private readonly TimescaleHarness _dead = new();
    private readonly TimescaleHarness _living;
    private Series _series = null!;

    public LeaseTests() => _living = _dead.Another();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _series = await _dead.OpenAsync(Model());
        await _living.OpenAsync(Model());
        await _dead.Incarnations.RegisterAsync(Dead, Stop);
        await _living.Incarnations.RegisterAsync(new Incarnation("S10.0.0.2:9090@1", "10.0.0.2:9090", ""), Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await _living.DisposeAsync();
        await _dead.DisposeAsync();
    }

    [Fact]
    public async Task The_chunks_of_the_next_minute_are_there_before_anyone_writes_into_them()
    {
        _dead.Time.Advance(TimeSpan.FromSeconds((4 * 60) + 30));
        await _dead.Reaper.EnforceLimitsAsync(Stop);
        await _dead.Reaper.EnforceLimitsAsync(Stop);
        Assert.Equal((1L, 1L, 2L), (await CountAsync("ticks_1"), await CountAsync("bars_1_1000000000"), await CountRecordsAsync()));
        Assert.Empty(await _dead.Ticks.ReadTicksAsync(_series, [0], 0, long.MaxValue));
    }

    [Fact]
    public async Task Retention_is_one_silos_until_it_is_sealed()
    {
        await _dead.ReapAsync();
        await _living.ReapAsync();
        var before = _living.Ticks.CompleteFrom(_series);
        await PassAsync(_living);
        Assert.Equal(before, _living.Ticks.CompleteFrom(_series));
        await _living.Incarnations.SealAsync(Dead.Name, Stop);
        await PassAsync(_living);
        Assert.True(_living.Ticks.CompleteFrom(_series) > before);
    }

    [Fact]
    public async Task A_key_is_dropped_only_when_every_living_silo_has_looked_since_it_was_marked_and_does_not_hold_it()
    {
        foreach (var name in new[] { "HELD", "IDLE" }) await _dead.Keys.ResolveAsync(_series, name, "");
        _living.Resident.Add(_series.Id, 1);
        await _dead.ReapAsync();
        for (var hour = 0; hour < 4; hour++) await PassAsync(_dead);
        Assert.Equal(["HELD", "IDLE"], await KeysAsync());

        await _living.ReapAsync();
        await PassAsync(_dead);
        Assert.Equal(["HELD"], await KeysAsync());
    }

    private static async Task PassAsync(TimescaleHarness store)
    {
        store.Time.Advance(TimeSpan.FromHours(1));
        await TimescaleHarness.ExecuteAsync($"UPDATE {store.Schema}.state SET clock_step_confirmed = true");
        await store.ReapAsync();
    }

    private Task<long> CountAsync(string table) => ScalarAsync(
        $"SELECT count(*) FROM timescaledb_information.chunks WHERE hypertable_schema = '{_dead.Schema}' AND hypertable_name = '{table}'");

    private Task<long> CountRecordsAsync() => ScalarAsync($"SELECT count(*) FROM {_dead.Schema}.chunks");

    private static async Task<long> ScalarAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(TimescaleServer.SharedDatabase + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Stop))!;
    }

    private async Task<string[]> KeysAsync()
    {
        List<string> names = [];
        await foreach (var key in _living.Keys.ListAsync(_series, [null, null], Stop)) names.Add(key.Dimensions.Values[0]);
        return [.. names];
    }
}
