using Npgsql;
using Tikr.Core.Rollup;
using Tikr.Storage;
using Tikr.Tests.Support;
using static Tikr.Tests.Support.Compliance.Market;

namespace Tikr.Tests.Storage.Timescale;

/// <summary>A commit and the raising of complete_from meet at the database: the commit waits, and sees what was raised.</summary>
public sealed class CompletenessRaceTests : IAsyncLifetime
{
    private readonly TimescaleHarness _store = new();
    private readonly NpgsqlDataSource _beside = NpgsqlDataSource.Create(TimescaleServer.SharedDatabase + ";Pooling=false");
    private Series _series = null!;
    private uint _epoch;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _series = await _store.OpenAsync(Model());
        _epoch = await _store.Ticks.AllocateEpochAsync(Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await _beside.DisposeAsync();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task A_commit_that_meets_the_raising_of_complete_from_waits_for_it_and_is_refused()
    {
        var (old, complete) = (_store.NowNs - (60 * Second), _store.NowNs - (30 * Second));
        await using var raising = await BeginRaisingAsync();
        await ExecuteAsync(raising, $"UPDATE {_store.Schema}.state SET complete_from = {complete}");
        var commit = _store.Ticks.CommitTicksAsync(_series, _epoch, 1, Run(1, old, 3, 1));
        await SomebodyWaitsAsync();
        Assert.False(commit.IsCompleted);

        await ExecuteAsync(raising, "COMMIT");

        await Assert.ThrowsAsync<TicksTooOldException>(() => commit);
        Assert.Equal(complete, _store.Ticks.CompleteFrom(_series));
        Assert.Empty(await _store.Ticks.ReadTicksAsync(_series, [1], 0, long.MaxValue, includesExpired: true));
    }

    // A transaction that holds the lock which commits share.
    private async Task<NpgsqlConnection> BeginRaisingAsync()
    {
        var connection = await _beside.OpenConnectionAsync(Stop);
        await ExecuteAsync(connection, $"BEGIN; SELECT pg_advisory_xact_lock({_store.Inner.Database.LockSpace}, -2)");
        return connection;
    }

    private async Task SomebodyWaitsAsync() => await Eventually.HoldsAsync("somebody waits for the lock", async () =>
    {
        await using var command = _beside.CreateCommand(
            $"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = 4294967294 "
            + $"AND classid = {(uint)_store.Inner.Database.LockSpace}");
        return (long)(await command.ExecuteScalarAsync(Stop))!;
    }, waiting => waiting == 1);

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Stop);
    }
}
