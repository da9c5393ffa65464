using System.Buffers.Binary;
using System.IO.Hashing;
using CsCheck;
using Tikr.Core.Rollup;
using Tikr.Core.Ticks;
using Tikr.Tests.Core.Ticks;

namespace Tikr.Tests.Fuzz;

/// <summary>
/// A block reads back as it was written, a read for some keys and times gives what is wanted of a read for all, and out of order nothing is
/// written or read. Of an input the first byte says what the rest is: a block without its checksum, or ticks to write.
/// </summary>
internal sealed class BlockTarget : IFuzzTarget
{
    private const int TickBytes = 5, Options = 3;

    public IEnumerable<byte[]> Seeds
    {
        get
        {
            foreach (var shared in new[] { false, true })
            {
                foreach (var count in new[] { 1, 3, 17, 200 })
                {
                    var ticks = Enumerable.Range(0, count)
                        .SelectMany(i => (byte[])[(byte)(i / 40), 1, (byte)(i & 3), (byte)i, (byte)(i % 7)]);
                    byte[] input = [(byte)(shared ? 2 : 0), 9, 77, .. ticks];
                    yield return input;
                    yield return [(byte)(input[0] | 1), 9, 77, .. InputOf(input).Encode()[..^sizeof(uint)]];
                }
            }
        }
    }

    public IReadOnlyList<byte[]> Tokens { get; } = [[1, 0], [1, 1], [1, 2], [1, 3], [64, 0x88], [64, 0x80], [0, 0x10], [1, 0x11], [0, 0]];

    public void Run(byte[] input)
    {
        if (input.Length < Options) return;
        if ((input[0] & 1) == 0) Write(input);
        else Read(ModelOf(input), Sealed(input[Options..]), input[1], input[2]);
    }

    private static void Write(byte[] input)
    {
        var block = InputOf(input);
        if (block.Runs.Length == 0) return;
        var isOrdered = block.Ticks().GroupBy(tick => tick.Key)
            .All(key => key.Zip(key.Skip(1)).All(two => two.First.Time <= two.Second.Time));
        if (!isOrdered)
        {
            Assert.Throws<ArgumentException>(block.Encode);
            return;
        }

        var encoded = block.Encode();
        Assert.Equal(block.Ticks(), Blocks.Decode(block, encoded));
        Read(block.Model, encoded, input[1], input[2]);
    }

    private static void Read(SeriesModel model, byte[] block, byte keys, byte edges)
    {
        var all = TryRead(model, block, [], long.MinValue, long.MaxValue);
        var ticks = all ?? [];
        foreach (var (tick, next) in ticks.Zip(ticks.Skip(1)))
            Assert.True(tick.Key != next.Key || tick.Time <= next.Time, $"{next} follows {tick}");
        foreach (var nudge in new[] { -1, 0, 1 })
        {
            var (from, to) = (Edge(ticks, edges & 15, nudge), Edge(ticks, edges >> 4, nudge * (keys & 1)));
            uint[] wanted = [.. ticks.Select(tick => tick.Key).Distinct()
                .Where((_, i) => (keys >> (i % 7) & 2) != 0).Append(keys).Distinct().Order()];
            foreach (var some in new[] { [], wanted })
            {
                var part = TryRead(model, block, some, from, to);
                // Where nothing is wanted of a block, its values are not looked at.
                if (all is null) Assert.True(part is null or [], "Only a read of a part is refused.");
                else Assert.Equal(all.Where(tick => IsWanted(tick, some, from, to)), part);
            }
        }
    }

    private static bool IsWanted(TestTick tick, uint[] keys, long from, long to) =>
        (keys.Length == 0 || keys.Contains(tick.Key)) && tick.Time >= from && tick.Time < to;

    private static long Edge(List<TestTick> ticks, int at, int nudge) =>
        (long)Int128.Clamp((Int128)(ticks.Count == 0 ? at : ticks[at * ticks.Count / 16].Time) + nudge, long.MinValue, long.MaxValue);

    private static List<TestTick>? TryRead(SeriesModel model, byte[] block, uint[] wanted, long from, long to)
    {
        var (columns, runs) = (model.NewColumns(), new List<KeyRun>());
        try
        {
            new TickBlockReader(model, Blocks.Ids(model)).Read(block, BlockInput.OneKey, wanted, from, to, columns, runs);
        }
        catch (TickBlockException)
        {
            Assert.Equal((0, 0), (columns.Count, runs.Count));
            return null;
        }

        return Blocks.TicksOf(model, columns, runs);
    }

    private static SeriesModel ModelOf(byte[] input) =>
        Blocks.Model(input[0] >> 2 & 3, unsignedFields: input[1], skip: (input[0] & 16) != 0);

    // Each tick is a key's gap, a step of time and its scale, a sequence, and a value.
    private static BlockInput InputOf(byte[] input)
    {
        var model = ModelOf(input);
        var columns = model.NewColumns();
        var runs = new List<KeyRun>();
        var shared = (input[0] & 2) != 0;
        var (key, time) = (1u, 0L);
        for (var at = Options; at + TickBytes <= input.Length && columns.Count < TickBlockWriter.MaxTicks; at += TickBytes)
        {
            if (shared) key += input[at];
            time += (sbyte)input[at + 2] * (1L << (input[at + 1] & 63));
            var values = Enumerable.Range(0, model.Fields.Length).Select(f => (long)(sbyte)input[at + 4] << (input[at + 3] * f & 63));
            Blocks.Append(columns, Math.Min(time, long.MaxValue - 1), input[at + 3], [.. values]);
            if (columns.Present is { } present) present[columns.Count - 1] &= input[at + 4];
            if (runs.Count > 0 && (!shared || runs[^1].KeyId == key)) runs[^1] = runs[^1] with { Count = runs[^1].Count + 1 };
            else runs.Add(new KeyRun(shared ? key : BlockInput.OneKey, 0, 1, input[1]));
        }

        return new BlockInput(model, Blocks.Ids(model), columns, 0, [.. runs], shared);
    }

    private static byte[] Sealed(byte[] body)
    {
        var block = new byte[body.Length + sizeof(uint)];
        body.CopyTo(block, 0);
        BinaryPrimitives.WriteUInt32BigEndian(block.AsSpan(body.Length), (uint)XxHash3.HashToUInt64(body));
        return block;
    }
}
