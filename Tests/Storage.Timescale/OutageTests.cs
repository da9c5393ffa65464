using Npgsql;
using Tikr.Core.Rollup;
using Tikr.Storage;
using Tikr.Tests.Support;
using static Tikr.Tests.Support.Compliance.Market;

namespace Tikr.Tests.Storage.Timescale;

/// <summary>The database away, or the way to it broken: nothing is lost, nothing is stored twice, every wait ends.</summary>
public sealed class OutageTests : IAsyncLifetime
{
    /// <summary>The statement as it stands in its message, which the words READ COMMITTED do not contain.</summary>
    private const string Commit = "COMMIT\0";

    private readonly FaultyProxy _proxy;
    private readonly TimescaleHarness _store;
    private Series _series = null!;
    private uint _epoch;

    public OutageTests()
    {
        var server = new NpgsqlConnectionStringBuilder(TimescaleServer.SharedDatabase);
        _proxy = new FaultyProxy(server.Host!, server.Port);
        server.Host = "127.0.0.1";
        server.Port = _proxy.Port;
        server.SslMode = SslMode.Disable;
        server.GssEncryptionMode = GssEncryptionMode.Disable;
        _store = new TimescaleHarness { ConnectionString = server.ConnectionString, OperationTimeout = TimeSpan.FromSeconds(1) };
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _series = await _store.OpenAsync(Model());
        _epoch = await _store.Ticks.AllocateEpochAsync(Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        await _proxy.DisposeAsync();
    }

    [Fact]
    public async Task A_commit_whose_answer_was_lost_is_found_by_its_retry()
    {
        _proxy.CutAfterSending(Commit);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => CommitAsync(1, 40));
        await UntilStoredAsync(1);
        await CommitAsync(1, 40);
        await CommitAsync(2, 40);
        Assert.Equal(80, await CountAsync());
        Assert.Equal(2, (await _store.Ticks.ManifestsAsync()).Count);
    }

    [Theory]
    [InlineData("pg_advisory_xact_lock")]
    [InlineData("COPY")]
    [InlineData("PGCOPY")]
    public async Task A_commit_that_breaks_off_leaves_nothing_and_succeeds_when_retried(string after)
    {
        _proxy.CutAfterSending(after);
        var e = await Assert.ThrowsAsync<StoreUnavailableException>(() => CommitAsync(1, 5000));
        Assert.Contains("could not commit ticks", e.Message, StringComparison.Ordinal);
        Assert.NotNull(_store.Inner.Database.Trouble);
        await CommitAsync(1, 5000);
        Assert.Null(_store.Inner.Database.Trouble);
        Assert.Equal(5000, await CountAsync());
    }

    [Fact]
    public async Task Bars_whose_answer_was_lost_are_found_unchanged_and_published_once()
    {
        var bucket = _series.Model.BucketOf(_store.NowNs);
        BarWrite[] writes = [new(_series, 1, Bar(bucket, 5), -1, 0), new(_series, 2, Bar(bucket, 6), -1, 0)];
        _proxy.CutAfterSending(Commit);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _store.Bars.WriteAsync(writes, Stop).AsTask());
        await Eventually.HoldsAsync(
            "the bars are stored", () => _store.Bars.FindAsync(_series, 2, bucket, Stop).AsTask(), bar => bar is not null);
        Assert.All(await _store.Bars.WriteAsync(writes, Stop), result => Assert.Equal(BarWriteOutcome.Unchanged, result.Outcome));
        var entries = 0;
        await foreach (var _ in _store.Outbox.ReadAsync(0, 0, Stop)) entries++;
        Assert.Equal(2, entries);
    }

    [Fact]
    public async Task A_silent_network_ends_every_operation_in_bounded_time_and_all_goes_on_afterwards()
    {
        await CommitAsync(1, 40);
        _proxy.FallSilent();
        var started = TimeProvider.System.GetTimestamp();
        var commit = await Assert.ThrowsAsync<StoreUnavailableException>(() => CommitAsync(2, 40));
        Assert.Contains("within 1 s", commit.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreUnavailableException>(CountAsync);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _store.Bars.WriteAsync(
            [new BarWrite(_series, 1, Bar(_series.Model.BucketOf(_store.NowNs), 5), -1)], Stop).AsTask());
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _store.Keys.ResolveAsync(_series, "NEW", ""));
        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(30));
        _proxy.Speak();
        await RetriedAsync(() => CommitAsync(2, 40));
        Assert.Equal(80, await CountAsync());
        Assert.Equal(1u, await _store.Keys.ResolveAsync(_series, "NEW", ""));
    }

    [Fact]
    public async Task A_flush_given_up_in_silence_cannot_come_after_the_next_one()
    {
        await CommitAsync(1, 40);
        await using var other = new NpgsqlConnection(TimescaleServer.SharedDatabase);
        await other.OpenAsync(Stop);
        await using var transaction = await other.BeginTransactionAsync(Stop);
        await new NpgsqlCommand($"SELECT pg_advisory_xact_lock({_store.Inner.Database.LockSpace}, {_epoch})", other)
            .ExecuteNonQueryAsync(Stop);

        // As long as the server has not ended what was given up, the next flush waits for it.
        await Assert.ThrowsAsync<StoreUnavailableException>(() => CommitAsync(3, 40));
        await transaction.RollbackAsync(Stop);
        await RetriedAsync(() => CommitAsync(3, 40));

        // Whatever comes of the older one now changes nothing.
        await using var zombie = _store.Another();
        await zombie.Ticks.CommitTicksAsync(await zombie.OpenAsync(Model()), _epoch, 2, Run(1, _store.NowNs, 40, 1));
        Assert.Equal(80, await CountAsync());
    }

    [Fact]
    public async Task Connections_that_the_server_ends_cost_no_read_and_at_most_one_write()
    {
        await CommitAsync(1, 40);
        Assert.Equal(40, await CountAsync());
        await TimescaleHarness.ExecuteAsync(
            $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
                + $"current_database() AND application_name LIKE 'tikr % {_store.Schema}'");
        Assert.Equal(40, await CountAsync());
        await RetriedAsync(() => CommitAsync(2, 40), attempts: 2);
        Assert.Equal(80, await CountAsync());
    }

    [Fact]
    public async Task A_server_out_of_connections_is_named_as_such()
    {
        var role = $"poor_{_store.Schema}";
        await TimescaleHarness.ExecuteAsync($"CREATE ROLE {role} LOGIN PASSWORD 'poor' CONNECTION LIMIT 0");
        try
        {
            await using var poor = new TimescaleHarness
            {
                ConnectionString = new NpgsqlConnectionStringBuilder(
                    TimescaleServer.SharedDatabase)
                { Username = role, Password = "poor" }.ConnectionString,
            };
            var e = await Assert.ThrowsAsync<StoreUnavailableException>(() => poor.OpenAsync(Model()));
            Assert.Contains("max_connections", e.Message, StringComparison.Ordinal);
            Assert.NotNull(poor.Inner.Database.Trouble);
        }
        finally
        {
            await TimescaleHarness.ExecuteAsync($"DROP ROLE {role}");
        }
    }

    [Fact]
    public async Task A_slow_server_ends_a_commit_in_bounded_time_and_nothing_of_it_is_stored()
    {
        await using var other = new NpgsqlConnection(TimescaleServer.SharedDatabase);
        await other.OpenAsync(Stop);
        await using (var transaction = await other.BeginTransactionAsync(Stop))
        {
            await new NpgsqlCommand($"LOCK TABLE {_store.Schema}.manifests IN ACCESS EXCLUSIVE MODE", other).ExecuteNonQueryAsync(Stop);
            await Assert.ThrowsAsync<StoreUnavailableException>(() => CommitAsync(1, 40));
        }

        Assert.Equal(0, await CountAsync());
        await CommitAsync(1, 40);
        Assert.Equal(40, await CountAsync());
    }

    private async Task CommitAsync(ulong flush, int ticks) =>
        await _store.Ticks.CommitTicksAsync(_series, _epoch, flush, Run(1, _store.NowNs, ticks, 1000));

    private async Task<int> CountAsync() => (await _store.Ticks.ReadTicksAsync(_series, [1], 0, long.MaxValue)).Count;

    /// <summary>The server goes on with a COMMIT that it has received, on its own time.</summary>
    private Task<List<Manifest>> UntilStoredAsync(int flushes) =>
        Eventually.HoldsAsync($"{flushes} flushes are stored", _store.Ticks.ManifestsAsync, manifests => manifests.Count >= flushes);

    private static async Task RetriedAsync(Func<Task> action, int attempts = 20)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await action();
                return;
            }
            catch (StoreUnavailableException) when (attempt < attempts)
            {
                Stop.ThrowIfCancellationRequested();
            }
        }
    }
}
