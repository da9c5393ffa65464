using Npgsql;
using Tikr.Core.Rollup;
using Tikr.Storage;
using Tikr.Storage.Timescale;
using Tikr.Tests.Support;
using static Tikr.Tests.Support.Compliance.Market;

namespace Tikr.Tests.Storage.Timescale;

/// <summary>
/// Seals from another connection while a silo writes: stopped at each of its statements, at full speed, and with answers that get lost.
/// What the silo was told must be what is stored.
/// </summary>
public sealed class SealRaceTests : IAsyncLifetime
{
    private static readonly Incarnation Zombie = new("S10.0.0.1:9090@1", "10.0.0.1:9090", "");
    private readonly TimescaleHarness _zombie = new();
    private readonly TimescaleHarness _living;
    private Series _series = null!;
    private uint _epoch;

    public SealRaceTests() => _living = _zombie.Another();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _series = await _zombie.OpenAsync(Model());
        await _living.OpenAsync(Model());
        await _zombie.Incarnations.RegisterAsync(Zombie, Stop);
        _epoch = await _zombie.Ticks.AllocateEpochAsync(Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await _living.DisposeAsync();
        await _zombie.DisposeAsync();
    }

    /// <summary>Tables whose locks stop a commit at one of its statements: the look, ledger, manifest, blocks.</summary>
    [Theory]
    [InlineData("incarnations")]
    [InlineData("flush_ledger")]
    [InlineData("manifests")]
    [InlineData("ticks_1")]
    public async Task A_commit_that_is_stopped_at_a_statement_is_ended_by_the_seal_and_never_becomes_visible(string table)
    {
        await _zombie.Ticks.CommitTicksAsync(_series, _epoch, 1, Run(1, _zombie.NowNs, 3, 1));
        await using var source = NpgsqlDataSource.Create(TimescaleServer.SharedDatabase + ";Pooling=false");
        Task commit, seal;
        await using (var blocker = await source.OpenConnectionAsync(Stop))
        {
            await using var transaction = await blocker.BeginTransactionAsync(Stop);
            await ExecuteAsync(blocker, $"LOCK TABLE {_zombie.Schema}.{table} IN ACCESS EXCLUSIVE MODE");
            commit = CommitAsync(2);
            await Eventually.HoldsAsync("the commit waits", () => WaitersAsync(blocker), waiters => waiters > 0);
            seal = _living.Incarnations.SealAsync(Zombie.Name, Stop).AsTask();

            // Where the sealer's own look is stopped too, it waits with the commit; elsewhere it needs nothing that is locked here.
            if (table != "incarnations") await seal;
            await transaction.RollbackAsync(Stop);
        }

        await seal;
        await AssertToldTrulyAsync(2, commit);
        await Assert.ThrowsAsync<StoreSealedException>(() => CommitAsync(3));
    }

    [Fact]
    public async Task A_session_that_stops_in_the_middle_of_a_copy_is_ended_by_the_seal()
    {
        var (space, id) = await LockOfAsync();
        await using var source = NpgsqlDataSource.Create(TimescaleServer.SharedDatabase + ";Pooling=false");
        await using var stopped = await source.OpenConnectionAsync(Stop);
        await ExecuteAsync(stopped, $"BEGIN; SELECT pg_advisory_xact_lock_shared({space}, {id})");
        var copy = await stopped.BeginRawBinaryCopyAsync($"COPY {_zombie.Schema}.flush_ledger FROM STDIN (FORMAT BINARY)", Stop);
        await copy.WriteAsync(new byte[] { (byte)'P', (byte)'G' }, Stop);
        await copy.FlushAsync(Stop);
        var began = TimeProvider.System.GetTimestamp();
        Assert.True(await _living.Incarnations.SealAsync(Zombie.Name, Stop));
        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.Contains(_living.Logs.Messages, message => message.Text.Contains("Ended 1 sessions", StringComparison.Ordinal));
        await Assert.ThrowsAnyAsync<Exception>(() => copy.DisposeAsync().AsTask());
    }

    [Fact]
    public async Task Commits_and_bars_at_full_speed_are_told_truly_when_the_seal_falls_between_them()
    {
        for (var round = 1; round <= 12; round++)
        {
            var self = Zombie with { Name = $"S10.0.0.1:9090@{round + 1}" };
            await _zombie.Incarnations.RegisterAsync(self, Stop);
            var (first, second) = (await _zombie.Ticks.AllocateEpochAsync(Stop), await _zombie.Ticks.AllocateEpochAsync(Stop));
            var lanes = new[] { CommitUntilSealedAsync(first), CommitUntilSealedAsync(second) };
            var bars = WriteBarsUntilSealedAsync(round);
            await Eventually.HoldsAsync("both lanes commit", async () => await _living.Ticks.ReadCommittedAsync(Stop),
                seen => seen.Of(first) > 2 && seen.Of(second) > 2);
            await _living.Incarnations.SealAsync(self.Name, Stop);
            var (committed, stored) = (await _living.Ticks.ReadCommittedAsync(Stop), await CountBarsAsync(round));
            Assert.Equal(committed.Of(first), await lanes[0]);
            Assert.Equal(committed.Of(second), await lanes[1]);
            Assert.Equal(stored, await bars);
            Assert.Equal(committed, await _living.Ticks.ReadCommittedAsync(Stop));
            Assert.Equal(stored, await CountBarsAsync(round));
        }
    }

    [Fact]
    public async Task A_commit_whose_answer_is_lost_and_that_is_sealed_before_the_retry_is_told_to_be_committed()
    {
        await CommitAsync(1);
        await using var retrying = _zombie.Another();
        var series = await retrying.OpenAsync(Model());
        await _living.Incarnations.SealAsync(Zombie.Name, Stop);

        // Another store has no memory of the commit, as one has whose answer was lost: it asks the ledger.
        await TimescaleHarness.ExecuteAsync($"UPDATE {_zombie.Schema}.incarnations SET sealed = false");
        await retrying.Incarnations.RegisterAsync(Zombie, Stop);
        await TimescaleHarness.ExecuteAsync($"UPDATE {_zombie.Schema}.incarnations SET sealed = true");
        await retrying.Ticks.CommitTicksAsync(series, _epoch, 1, Run(1, _zombie.NowNs, 9, 1));
        await Assert.ThrowsAsync<StoreSealedException>(
            () => retrying.Ticks.CommitTicksAsync(series, _epoch, 2, Run(1, _zombie.NowNs, 9, 1)));
    }

    [Fact]
    public async Task An_incarnation_that_has_been_forgotten_counts_as_sealed()
    {
        await CommitAsync(1);
        await TimescaleHarness.ExecuteAsync($"DELETE FROM {_zombie.Schema}.incarnations");
        await Assert.ThrowsAsync<StoreSealedException>(() => CommitAsync(2));
    }

    [Fact]
    public async Task A_sealed_incarnation_is_forgotten_a_day_after_its_last_manifest_was_retired()
    {
        await CommitAsync(1);
        await _living.Incarnations.SealAsync(Zombie.Name, Stop);
        await _living.ReapAsync();
        await AgeAsync();
        await _living.ReapAsync();
        Assert.Contains(await _living.Incarnations.ListAsync(Stop), one => one.Incarnation == Zombie);
        await _living.Ticks.RetireAsync(_epoch, 2, Stop);
        await _living.ReapAsync();
        await CommitAsync(1);
        await AgeAsync();
        await _living.ReapAsync();
        Assert.DoesNotContain(await _living.Incarnations.ListAsync(Stop), one => one.Incarnation == Zombie);
    }

    private Task AgeAsync() =>
        TimescaleHarness.ExecuteAsync($"UPDATE {_zombie.Schema}.incarnations SET settled = settled - interval '25 hours'");

    private Task<FlushId> CommitAsync(ulong flush) =>
        _zombie.Ticks.CommitTicksAsync(_series, _epoch, flush, Run(1, _zombie.NowNs, 3, 1));

    // The last flush that was acknowledged.
    private async Task<ulong> CommitUntilSealedAsync(uint epoch)
    {
        for (ulong flush = 1; ; flush++)
        {
            var ticks = Run(1, _zombie.NowNs, 3, 1);
            if (!await IsDoneAsync(() => _zombie.Ticks.CommitTicksAsync(_series, epoch, flush, ticks))) return flush - 1;
        }
    }

    private async Task<long> WriteBarsUntilSealedAsync(int round)
    {
        for (var count = 0; ; count++)
        {
            var bar = Bar(_series.Model.BucketOf(_zombie.NowNs) - (count * Second), count);
            BarWrite[] writes = [new BarWrite(_series, (uint)round, bar, -1)];
            if (!await IsDoneAsync(async () => await _zombie.Bars.WriteAsync(writes, Stop))) return count;
        }
    }

    // What fails without an answer, as when the sealer has ended its session, is tried again.
    private static async Task<bool> IsDoneAsync(Func<Task> write)
    {
        while (true)
        {
            try
            {
                await write();
                return true;
            }
            catch (StoreSealedException)
            {
                return false;
            }
            catch (StoreUnavailableException)
            {
                Stop.ThrowIfCancellationRequested();
            }
        }
    }

    private async Task<long> CountBarsAsync(int round)
    {
        await using var source = NpgsqlDataSource.Create(TimescaleServer.SharedDatabase + ";Pooling=false");
        await using var command = source.CreateCommand($"SELECT count(*) FROM {_zombie.Schema}.bars_1_1000000000 WHERE key_id = {round}");
        return (long)(await command.ExecuteScalarAsync(Stop))!;
    }

    // A commit that fails without an answer is retried; in the end it is told what the ledger has.
    private async Task AssertToldTrulyAsync(ulong flush, Task commit)
    {
        var told = await IsDoneAsync(() => Interlocked.Exchange(ref commit!, null) ?? CommitAsync(flush));
        Assert.Equal(told, (await _living.Ticks.ReadCommittedAsync(Stop)).Of(_epoch) >= flush);
    }

    private async Task<(int Space, int Id)> LockOfAsync()
    {
        await using var source = NpgsqlDataSource.Create(TimescaleServer.SharedDatabase + ";Pooling=false");
        await using var command = source.CreateCommand($"SELECT id FROM {_zombie.Schema}.incarnations WHERE name = '{Zombie.Name}'");
        return (ConnectionSettings.LockSpaceOf($"incarnations of {_zombie.Schema}"), (int)(await command.ExecuteScalarAsync(Stop))!);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Stop);
    }

    private async Task<long> WaitersAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
            + $"AND application_name = 'tikr write {_zombie.Schema}'", connection);
        return (long)(await command.ExecuteScalarAsync(Stop))!;
    }
}
