using Tikr.Core.Rollup;
using Tikr.Storage;
using static Tikr.Tests.Support.Compliance.Market;

namespace Tikr.Tests.Storage.Timescale;

/// <summary>A database that fails at a step of an eviction, then works again: nothing shows in memory before it is durable.</summary>
public sealed class FailedWriteTests : IAsyncLifetime
{
    private const int Windows = 40, TicksPerWindow = 2000;

    private readonly TimescaleHarness _store = new() { Limits = new StoreLimits { TicksMaxBytes = 300_000 } };
    private Series _series = null!;
    private long _start;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _series = await _store.OpenAsync(Model());
        _start = _store.NowNs;
        var epoch = await _store.Ticks.AllocateEpochAsync(Stop);
        var random = new Random(1);
        for (var window = 0; window < Windows; window++)
        {
            var now = _store.NowNs;
            var ticks = Enumerable.Range(0, TicksPerWindow)
                .Select(n => new TestTick(1, now + (n * 4_000_000L), (uint)n, random.NextInt64(), n));
            await _store.Ticks.CommitTicksAsync(_series, epoch, (ulong)window + 1, ticks);
            _store.Time.Advance(TimeSpan.FromSeconds(10));
        }

        await _store.Ticks.RetireAsync(epoch, Windows + 1, Stop);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Theory]
    [InlineData("state", "UPDATE")]
    [InlineData("tick_sizes", "DELETE")]
    public async Task Every_evicted_tick_is_below_complete_from_at_the_next_start_whichever_step_failed(string table, string step)
    {
        await TimescaleHarness.ExecuteAsync($"""
            CREATE FUNCTION {_store.Schema}.disk_full() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = 'disk_full'; END $$;
            CREATE TRIGGER disk_full BEFORE {step} ON {_store.Schema}.{table}
            FOR EACH STATEMENT EXECUTE FUNCTION {_store.Schema}.disk_full()
            """);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _store.Reaper.EnforceLimitsAsync(Stop).AsTask());
        Assert.Contains("no space left", _store.Inner.Database.Trouble, StringComparison.Ordinal);
        await TimescaleHarness.ExecuteAsync($"DROP TRIGGER disk_full ON {_store.Schema}.{table}");
        await CheckAsync(_store);

        await _store.Reaper.EnforceLimitsAsync(Stop);
        Assert.Null(_store.Inner.Database.Trouble);
        await CheckAsync(_store);
    }

    /// <summary>Another process sees the same: from complete_from on every tick is there.</summary>
    private async Task CheckAsync(TimescaleHarness store)
    {
        await using var next = store.Another();
        var series = await next.OpenAsync(_series.Model);
        var complete = next.Ticks.CompleteFrom(series);
        Assert.True(complete >= store.Ticks.CompleteFrom(_series));
        var expected = Enumerable.Range(0, Windows).Sum(window => Enumerable.Range(0, TicksPerWindow)
            .Count(n => _start + (window * 10 * Second) + (n * 4_000_000L) >= complete));
        Assert.Equal(expected, (await next.Ticks.ReadTicksAsync(series, [1], complete, long.MaxValue, includesExpired: true)).Count);
    }
}
