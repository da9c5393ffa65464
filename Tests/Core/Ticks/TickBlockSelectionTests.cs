using CsCheck;
using Tikr.Core.Ticks;

namespace Tikr.Tests.Core.Ticks;

public sealed class TickBlockSelectionTests
{
    [Fact]
    public void A_read_returns_exactly_the_wanted_keys_and_times() =>
        (from input in Blocks.Any
         from wanted in Gen.UInt.Array[0, 6]
         from take in Gen.Int[1, 5]
         from edges in Gen.Int[0, 255].Array[2]
         from nudge in Gen.Long[-1, 1].Array[2]
         select (input, wanted, take, edges, nudge)).Sample(
            t =>
            {
                var ticks = t.input.Ticks();
                // Some keys of the block and some others; edges at, before and after times that exist.
                uint[] wanted = [.. ticks.Select(tick => tick.Key).Distinct()
                    .Where((_, i) => i % t.take == 0).Concat(t.wanted).Distinct().Order()];
                var from = Near(ticks[t.edges[0] % ticks.Count].Time, t.nudge[0]);
                var to = Near(ticks[t.edges[1] % ticks.Count].Time, t.nudge[1]);
                var expected = ticks.Where(tick => wanted.Contains(tick.Key) && tick.Time >= from && tick.Time < to);
                Assert.Equal(expected, Blocks.Decode(t.input, t.input.Encode(), wanted, from, to));
            },
            iter: 2000);

    // from, to, ranks that come back of ticks at 10, 20, 20, 30
    [Theory]
    [InlineData(long.MinValue, long.MaxValue, "0 1 2 3")]
    [InlineData(10, 31, "0 1 2 3")]
    [InlineData(10, 30, "0 1 2")]
    [InlineData(11, 30, "1 2")]
    [InlineData(20, 21, "1 2")]
    [InlineData(20, 20, "")]
    [InlineData(21, 30, "")]
    [InlineData(21, 20, "")]
    [InlineData(30, 31, "3")]
    [InlineData(31, 99, "")]
    [InlineData(0, 10, "")]
    [InlineData(0, 11, "0")]
    public void Time_range_includes_its_start_and_excludes_its_end(long from, long to, string ranks)
    {
        var input = Blocks.OneKey((10, 5, 1), (20, 7, 2), (20, 8, 3), (30, 9, 4));
        var ticks = Blocks.Decode(input, input.Encode(), from: from, to: to);
        Assert.Equal(ranks, string.Join(' ', ticks.Select(tick => tick.Rank)));
        Assert.Equal(input.Ticks().Where(tick => tick.Time >= from && tick.Time < to), ticks);
    }

    [Fact]
    public void A_one_key_block_of_another_key_gives_nothing()
    {
        var input = Blocks.OneKey((10, 5, 1));
        Assert.Empty(Blocks.Decode(input, input.Encode(), [BlockInput.OneKey - 1, BlockInput.OneKey + 1]));
        Assert.Single(Blocks.Decode(input, input.Encode(), [BlockInput.OneKey - 1, BlockInput.OneKey]));
    }

    [Fact]
    public void Keys_far_apart_cost_their_prices_once_per_key()
    {
        var model = Blocks.Model(1);
        var columns = model.NewColumns();
        var runs = new List<KeyRun>();
        for (uint key = 1; key <= 25; key++)
        {
            runs.Add(new KeyRun(key * 64, 0, 10, 0));
            for (uint i = 0; i < 10; i++) Blocks.Append(columns, i, (key * 1_000_003) + i, (key * 7_919_000_000L) + (i * 100));
        }

        var input = new BlockInput(model, Blocks.Ids(model), columns, 0, [.. runs], Shared: true);
        var block = input.Encode();
        Assert.InRange(block.Length, 100, 250 * 2);
        Assert.Equal(input.Ticks(), Blocks.Decode(input, block));
        Assert.Equal(input.Ticks().Where(tick => tick.Key == 640), Blocks.Decode(input, block, [3, 640, 641]));
    }

    private static long Near(long time, long nudge) => (long)Int128.Clamp((Int128)time + nudge, long.MinValue, long.MaxValue);
}
