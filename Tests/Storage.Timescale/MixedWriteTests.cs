using Tikr.Core.Rollup;
using Tikr.Storage;
using static Tikr.Tests.Support.Compliance.Market;

namespace Tikr.Tests.Storage.Timescale;

/// <summary>Groups of many new bars with revisions among them, which are written in two transactions.</summary>
public sealed class MixedWriteTests : IAsyncLifetime
{
    private const int Fresh = 300;
    private readonly TimescaleHarness _store = new();
    private Series _series = null!;
    private long _bucket;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _series = await _store.OpenAsync(Model());
        _bucket = _series.Model.BucketOf(_store.NowNs);
        await _store.Bars.WriteAsync(
            [new BarWrite(_series, 1, Bar(_bucket, 1), -1, 0), new BarWrite(_series, 2, Bar(_bucket, 1), -1, 0)], Stop);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task Each_write_has_the_outcome_that_it_has_alone_and_a_repetition_changes_and_publishes_nothing()
    {
        BarWrite[] writes = [new(_series, 1, Bar(_bucket, 2), 0, 0), .. NewBars(10),
            new(_series, 2, Bar(_bucket, 2), 4, 0), new(_series, 1, Bar(_bucket - Second, 2), 0, 0)];
        var results = await _store.Bars.WriteAsync(writes, Stop);
        Assert.Equal(
            [BarWriteOutcome.Stored, .. Enumerable.Repeat(BarWriteOutcome.Stored, Fresh),
                BarWriteOutcome.Conflict, BarWriteOutcome.Conflict], results.Select(r => r.Outcome));
        Assert.Equal((1, 0), (results[0].Current!.Revision, results[1].Current!.Revision));
        Assert.Equal(2 + 1 + Fresh, await OutboxAsync());

        results = await _store.Bars.WriteAsync(writes, Stop);
        Assert.Equal(
            [BarWriteOutcome.Unchanged, .. Enumerable.Repeat(BarWriteOutcome.Unchanged, Fresh),
                BarWriteOutcome.Conflict, BarWriteOutcome.Conflict], results.Select(r => r.Outcome));
        Assert.Equal(2 + 1 + Fresh, await OutboxAsync());
    }

    [Fact]
    public async Task One_that_is_there_already_spoils_nothing()
    {
        var results = await _store.Bars.WriteAsync([.. NewBars(2), new BarWrite(_series, 1, Bar(_bucket, 2), 0, 0)], Stop);
        Assert.Equal([BarWriteOutcome.Conflict, .. Enumerable.Repeat(BarWriteOutcome.Stored, Fresh)], results.Select(r => r.Outcome));
        Assert.Equal(2 + Fresh, await OutboxAsync());
    }

    private IEnumerable<BarWrite> NewBars(uint first) =>
        Enumerable.Range(0, Fresh).Select(i => new BarWrite(_series, (uint)(first + i), Bar(_bucket, 9), -1, 0));

    private async Task<int> OutboxAsync()
    {
        var entries = 0;
        await foreach (var _ in _store.Outbox.ReadAsync(0, 0, Stop)) entries++;
        return entries;
    }
}
