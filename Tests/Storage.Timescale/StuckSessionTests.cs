using Npgsql;
using Tikr.Core.Rollup;
using Tikr.Storage;
using Tikr.Storage.Timescale;
using Tikr.Storage.Timescale.Retention;
using Tikr.Tests.Support;
using static Tikr.Tests.Support.Compliance.Market;

namespace Tikr.Tests.Storage.Timescale;

/// <summary>A silo hangs in the middle of a transaction: whoever needs what it holds goes on within moments.</summary>
public sealed class StuckSessionTests : IAsyncLifetime
{
    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(6);
    private readonly TimescaleHarness _store = new();
    private readonly NpgsqlDataSource _hung;
    private Series _series = null!;
    private uint _epoch;

    public StuckSessionTests() =>
        _hung = NpgsqlDataSource.Create(TimescaleServer.SharedDatabase + $";Pooling=false;Application Name=tikr write {_store.Schema}");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _series = await _store.OpenAsync(Model());
        _epoch = await _store.Ticks.AllocateEpochAsync(Stop);
        await CommitAsync(1, _store.NowNs);
    }

    public async ValueTask DisposeAsync()
    {
        await _hung.DisposeAsync();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task Between_two_statements_with_the_row_that_numbers_keys()
    {
        await using var hung = await HangAsync($"SELECT FROM {_store.Schema}.series FOR UPDATE");
        await WithinMomentsAsync(() => _store.Keys.ResolveAsync(_series, "new", ""));
        AssertEnded(1);
    }

    [Fact]
    public async Task Between_two_statements_with_the_lock_that_retention_needs_while_commits_go_on()
    {
        await using var hung = await HangAsync(
            $"SELECT pg_advisory_xact_lock_shared({ConnectionSettings.LockSpaceOf(_store.Schema)}, {Horizons.CompletenessLock})");
        await WithinMomentsAsync(async () =>
        {
            var reaped = _store.ReapAsync();
            await CommitAsync(2, _store.NowNs);
            await reaped;
        });
        AssertEnded(1);
    }

    [Fact]
    public async Task In_the_middle_of_a_copy_that_has_begun_a_chunk()
    {
        await using var hung = await HangAsync("SELECT");
        var copy = await hung.BeginTextImportAsync(
            $"COPY {_store.Schema}.ticks_1 (time, grp, min_ns, flush, epoch, ordinal, ticks, block) FROM STDIN", Stop);
        var next = _store.NowNs + (3600 * Second);
        var time = DateTimeOffset.UnixEpoch.AddTicks(next / 100);
        for (var row = 0; row < 5000; row++) await copy.WriteAsync($"{time:O}\t1\t{next}\t1\t99\t0\t1\t\\\\x00\n");
        await copy.FlushAsync(Stop);
        await WithinMomentsAsync(() => CommitAsync(2, next));
        AssertEnded(1);
        await Assert.ThrowsAnyAsync<Exception>(() => copy.DisposeAsync().AsTask());
    }

    [Fact]
    public async Task Another_application_with_the_same_lock_is_left_alone()
    {
        await using var other = NpgsqlDataSource.Create(TimescaleServer.SharedDatabase + ";Pooling=false;Application Name=backup");
        await using var holding = await other.OpenConnectionAsync(Stop);
        await ExecuteAsync(holding, $"BEGIN; SELECT FROM {_store.Schema}.series FOR UPDATE");
        var resolving = _store.Keys.ResolveAsync(_series, "new", "");
        await Eventually.HoldsAsync("the look-up has waited for long", WaitedAsync, waited => waited > TimeSpan.FromSeconds(2));
        AssertEnded(0);
        await ExecuteAsync(holding, "ROLLBACK");
        await resolving;
    }

    private Task<FlushId> CommitAsync(ulong flush, long time) => _store.Ticks.CommitTicksAsync(_series, _epoch, flush, Run(1, time, 3, 1));

    private async Task<NpgsqlConnection> HangAsync(string sql)
    {
        var hung = await _hung.OpenConnectionAsync(Stop);
        await ExecuteAsync(hung, $"BEGIN; {sql}");
        return hung;
    }

    // The operation has 30 s before it gives up by itself.
    private static async Task WithinMomentsAsync(Func<Task> operation)
    {
        var began = TimeProvider.System.GetTimestamp();
        await operation();
        var took = TimeProvider.System.GetElapsedTime(began);
        TestContext.Current.TestOutputHelper?.WriteLine($"It took {took.TotalMilliseconds:0} ms.");
        Assert.InRange(took, TimeSpan.Zero, AtMost);
    }

    private void AssertEnded(int sessions) =>
        Assert.Equal(sessions, _store.Logs.Messages.Count(message => message.Text.StartsWith("Ended a session", StringComparison.Ordinal)));

    private async Task<TimeSpan> WaitedAsync()
    {
        await using var source = NpgsqlDataSource.Create(TimescaleServer.SharedDatabase + ";Pooling=false");
        await using var command = source.CreateCommand("SELECT coalesce(max(clock_timestamp() - query_start), interval '0') "
            + $"FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'tikr write {_store.Schema}'");
        return (TimeSpan)(await command.ExecuteScalarAsync(Stop))!;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Stop);
    }
}
