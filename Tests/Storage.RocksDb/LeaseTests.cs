using Tikr.Core.Rollup;
using Tikr.Storage;
using static Tikr.Tests.Support.Compliance.Market;

namespace Tikr.Tests.Storage.RocksDb;

/// <summary>Reads whose reader is slow, while the database closes or opens again.</summary>
public sealed class LeaseTests : IAsyncLifetime
{
    private readonly RocksDbHarness _store = new();
    private Series _series = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _series = await _store.OpenAsync(Model());
        var epoch = await _store.Ticks.AllocateEpochAsync(Stop);
        for (ulong flush = 1; flush <= 10; flush++)
            await _store.Ticks.CommitTicksAsync(
                _series, epoch, flush, Run(1, _store.NowNs + ((long)flush * Second), 20, 1).Append(new TestTick(2, _store.NowNs, 0, 1, 1)));
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task Iterators_of_a_reader_that_waits_are_closed()
    {
        await using var reader = _store.Ticks.ReadAsync(new TickRead(_series, [1], 0, long.MaxValue), Stop).GetAsyncEnumerator(Stop);
        Assert.True(await reader.MoveNextAsync());
        Assert.Equal(1, _store.Inner.Statistics.Read()["open_reads"]);
        _store.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(0, _store.Inner.Statistics.Read()["open_reads"]);
        Assert.True(await reader.MoveNextAsync());
    }

    [Fact]
    public async Task A_read_goes_on_when_the_store_reopens_after_an_io_error()
    {
        foreach (var keys in new uint[][] { [1], [1, 2] })
        {
            List<ReadTick> read = [];
            var reopened = 0;
            await foreach (var batch in _store.Ticks.ReadAsync(new TickRead(_series, keys, 0, long.MaxValue), Stop))
            {
                read.AddRange(Flushes.Ticks(batch));
                _store.Time.Advance(TimeSpan.FromSeconds(3));
                Assert.True(_store.Inner.Database.TryReopen());
                reopened++;
            }

            Assert.True(reopened >= 10);
            Assert.Equal(200 + (keys.Length == 2 ? 10 : 0), read.Count);
            Assert.Equal(read.Count, read.Distinct().Count());
        }
    }

    [Fact]
    public async Task Commits_go_on_after_the_store_has_reopened()
    {
        Assert.True(_store.Inner.Database.TryReopen());
        var last = (await _store.Ticks.ReadCommittedAsync(Stop))[0];
        await _store.Ticks.CommitTicksAsync(_series, last.Epoch, last.Flush, Run(1, _store.NowNs, 5, 1));
        await _store.Ticks.CommitTicksAsync(_series, last.Epoch, last.Flush + 1, Run(3, _store.NowNs, 5, 1));
        Assert.Equal(5, (await _store.Ticks.ReadTicksAsync(_series, [3], 0, long.MaxValue)).Count);
        Assert.Equal(11, (await _store.Ticks.ManifestsAsync()).Count);
    }

    [Fact]
    public async Task A_read_that_is_under_way_when_the_store_closes_fails_cleanly()
    {
        await using var reader = _store.Ticks.ReadAsync(new TickRead(_series, [1, 2], 0, long.MaxValue), Stop).GetAsyncEnumerator(Stop);
        Assert.True(await reader.MoveNextAsync());
        _store.Close();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => reader.MoveNextAsync().AsTask());
    }
}
