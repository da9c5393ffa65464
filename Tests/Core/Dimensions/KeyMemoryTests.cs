using Tikr.Core.Ingest;
using Tikr.Core.Memory;
using Tikr.Tests.Core.Wire;

namespace Tikr.Tests.Core.Dimensions;

/// <summary>The keys of all series have a part of the memory, beside the most keys of each.</summary>
public sealed class KeyMemoryTests
{
    private readonly MemoryPart _memory = new("keys", 10 * (MemoryBudget.KeyBytes + 200));

    [Fact]
    public void Keys_that_find_no_memory_are_rejected_and_those_in_use_stay()
    {
        var feed = new Feed(memory: _memory);
        var message = feed.DecodeResolved([.. Enumerable.Range(0, 20).Select(i => Feed.Tick($"S{i}"))]);

        Assert.Equal((10, 10), (message.Columns.Count, (int)message.Rejections.Of(RejectionReasons.CardinalityLimit)));
        Assert.Contains("server.memory", message.Rejections.Samples[0].Message, StringComparison.Ordinal);
        Assert.Equal(10, feed.DecodeResolved([.. Enumerable.Range(0, 10).Select(i => Feed.Tick($"S{i}"))]).Columns.Count);
    }

    [Fact]
    public void Series_share_the_memory_and_idle_keys_give_it_back()
    {
        var (one, other) = (new Feed(memory: _memory), new Feed(memory: _memory));
        one.DecodeResolved([.. Enumerable.Range(0, 10).Select(i => Feed.Tick($"S{i}"))]).Release();
        Assert.Equal(1, other.DecodeResolved(Feed.Tick()).Rejections.Of(RejectionReasons.CardinalityLimit));

        one.Time.Advance(TimeSpan.FromMinutes(1));
        other.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(10, one.Interner.EvictIdle(TimeSpan.FromSeconds(30), static _ => false));

        Assert.Equal(0, _memory.UsedBytes);
        Assert.Equal(1, other.DecodeResolved(Feed.Tick()).Columns.Count);
    }

    [Fact]
    public void Long_dimensions_take_more_and_a_series_that_goes_gives_all_back()
    {
        var feed = new Feed(Feed.Market() with { MaxDimensionBytes = 65_536 }, memory: _memory);
        var message = feed.DecodeResolved([.. Enumerable.Range(0, 5).Select(i => Feed.Tick($"{i}{new string('x', 10_000)}"))]);
        Assert.Equal((1, 4), (message.Columns.Count, (int)message.Rejections.Total));

        feed.Interner.ReturnMemory();

        Assert.Equal(0, _memory.UsedBytes);
    }
}
