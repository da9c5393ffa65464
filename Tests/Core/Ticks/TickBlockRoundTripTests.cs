using System.Buffers;
using CsCheck;
using Tikr.Core.Ticks;

namespace Tikr.Tests.Core.Ticks;

public sealed class TickBlockRoundTripTests
{
    [Fact]
    public void Every_block_reads_back_what_was_written() =>
        Blocks.Any.Sample(input => Assert.Equal(input.Ticks(), Blocks.Decode(input, input.Encode())), iter: 2000);

    [Fact]
    public void The_documented_formula_gives_the_same_ticks() => Blocks.Any.Sample(
        input =>
        {
            var slow = SlowBlock.Read(
                input.Encode(), BlockInput.OneKey, id => input.Model.Fields[Array.IndexOf(input.FieldIds, (ushort)id)].Type.Unsigned);
            Assert.Equal(input.Ticks(), TicksOf(slow, input));
        },
        iter: 500);

    [Fact]
    public void Every_count_from_1_to_256_at_every_width_reads_back()
    {
        for (var n = 1; n <= 256; n++)
        {
            var width = n % 64;
            var top = (1UL << width) - 1;
            var input = Blocks.OneKey([.. Enumerable.Range(0, n)
                .Select(i => ((long)i * i * i, (uint)(i * 7), (long)(unchecked((ulong)i * 0x9E3779B97F4A7C15) & top) - 5))]);
            Assert.Equal(input.Ticks(), Blocks.Decode(input, input.Encode()));
        }
    }

    [Fact]
    public void Int64_extremes_in_one_block_keep_every_bit()
    {
        var input = Blocks.OneKey((1, 1, long.MaxValue), (2, 2, long.MinValue), (3, 3, 0), (4, 4, -1));
        Assert.Equal(input.Ticks(), Blocks.Decode(input, input.Encode()));
    }

    [Fact]
    public void Unsigned_values_around_2_to_the_63_stay_narrow()
    {
        var signed = Around(0);
        var unsigned = Around(1);
        Assert.True(unsigned.Encode().Length < signed.Encode().Length - (7 * 30));
        Assert.Equal(unsigned.Ticks(), Blocks.Decode(unsigned, unsigned.Encode()));

        static BlockInput Around(ulong unsignedFields)
        {
            var model = Blocks.Model(1, unsignedFields);
            var columns = model.NewColumns();
            for (var i = 0; i < 32; i++) Blocks.Append(columns, i, (uint)i, unchecked((long)(0x7FFF_FFFF_FFFF_FFF0UL + (ulong)i)));
            return new BlockInput(model, Blocks.Ids(model), columns, 0, [new KeyRun(BlockInput.OneKey, 0, 32, 0)], Shared: false);
        }
    }

    [Fact]
    public void Regular_ticks_cost_about_a_byte_each()
    {
        var input = Blocks.OneKey(
            [.. Enumerable.Range(0, 256).Select(i => (1_700_000_000_000_000_000 + (i * 1_000_000L), (uint)(1000 + i), 5_000_000L))]);
        Assert.InRange(input.Encode().Length, 256, 256 + 50);
    }

    [Fact]
    public void Reading_appends_behind_what_the_columns_hold()
    {
        var input = Blocks.OneKey((1, 1, 10), (2, 2, 20));
        var reader = new TickBlockReader(input.Model, input.FieldIds);
        var (columns, runs) = (input.Model.NewColumns(), new List<KeyRun>());
        for (uint key = 1; key <= 200; key++) reader.Read(input.Encode(), key, [], long.MinValue, long.MaxValue, columns, runs);
        Assert.Equal(400, columns.Count);
        Assert.Equal(Enumerable.Range(1, 200).Select(key => new KeyRun((uint)key, (key - 1) * 2, 2, 0)), runs);
        Assert.All(runs, run => Assert.Equal([10, 20], columns.Fields[0][run.Start..(run.Start + 2)]));
    }

    [Fact]
    public void Blocks_of_one_writer_follow_each_other()
    {
        var input = Blocks.OneKey((1, 1, 10), (2, 2, 20));
        var output = new ArrayBufferWriter<byte>(16);
        var lengths = Enumerable.Range(0, 50)
            .Select(i => TickBlockWriter.WriteOneKey(output, input.Columns, 0, 2, (uint)i, input.Model, input.FieldIds)).ToList();
        Assert.Equal(lengths.Sum(), output.WrittenCount);
        var last = output.WrittenSpan[^lengths[^1]..].ToArray();
        Assert.Equal(input.Ticks().Select(tick => tick with { Rank = tick.Rank + 49 }), Blocks.Decode(input, last));
    }

    [Fact]
    public void Writing_and_reading_allocate_nothing()
    {
        var input = Blocks.OneKey([.. Enumerable.Range(0, 256).Select(i => (i * 1_000_003L, (uint)(i * i), (long)i * 7919 % 1000))]);
        var output = new ArrayBufferWriter<byte>(1 << 16);
        var reader = new TickBlockReader(input.Model, input.FieldIds);
        var (columns, runs) = (input.Model.NewColumns(), new List<KeyRun>(16));
        var wanted = new[] { BlockInput.OneKey };
        RoundTrip();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10; i++) RoundTrip();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void RoundTrip()
        {
            output.ResetWrittenCount();
            columns.Count = 0;
            runs.Clear();
            TickBlockWriter.WriteOneKey(output, input.Columns, 0, 256, 0, input.Model, input.FieldIds);
            reader.Read(output.WrittenSpan, BlockInput.OneKey, wanted, 5, long.MaxValue, columns, runs);
        }
    }

    private static List<TestTick> TicksOf(SlowBlock slow, BlockInput input)
    {
        var ticks = new List<TestTick>();
        foreach (var (key, count, firstRank) in slow.Keys)
        {
            for (var i = 0; i < count; i++)
            {
                var at = ticks.Count;
                var values = slow.Fields.Select((field, f) => field.Present is { } present && !present[at] ? "-"
                    : input.Model.Fields[f].Type.Unsigned ? $"{unchecked((long)(ulong)field.Values[at])}" : $"{(long)field.Values[at]}");
                ticks.Add(new TestTick((uint)key, (uint)(firstRank + i), (long)slow.Times[at],
                    (uint)slow.Sequences[at], string.Join(',', values)));
            }
        }

        return ticks;
    }
}
