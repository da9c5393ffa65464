using System.Buffers;
using CsCheck;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Core.Ticks;

namespace Tikr.Tests.Core.Ticks;

/// <summary>Ticks as tests write and compare them.</summary>
internal sealed record TestTick(uint Key, uint Rank, long Time, uint Sequence, string Values);

/// <summary>What a test block is made from; columns hold unrelated ticks before and behind it.</summary>
internal sealed record BlockInput(SeriesModel Model, ushort[] FieldIds, TickColumns Columns, int Start, KeyRun[] Runs, bool Shared)
{
    public const uint OneKey = 77;

    public int Count => Runs.Sum(run => run.Count);

    public byte[] Encode()
    {
        var output = new ArrayBufferWriter<byte>();
        var written = Shared
            ? TickBlockWriter.WriteSharedKeys(output, Columns, Start, Runs, Model, FieldIds)
            : TickBlockWriter.WriteOneKey(output, Columns, Start, Count, Runs[0].FirstRank, Model, FieldIds);
        Assert.Equal(output.WrittenCount, written);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>The ticks, straight from the columns.</summary>
    public List<TestTick> Ticks()
    {
        var at = Start;
        var runs = new List<KeyRun>();
        foreach (var run in Runs)
        {
            runs.Add(run with { Start = at });
            at += run.Count;
        }

        return Blocks.TicksOf(Model, Columns, runs);
    }
}

internal static class Blocks
{
    public static SeriesModel Model(int fields, ulong unsignedFields = 0, bool skip = false, string prefix = "f") => new(new SeriesSpec
    {
        Series = "s",
        Dimensions = [],
        Metrics = fields == 0
            ? [new MetricSpec("n", null, FieldType.Int64, "count")]
            : [.. Enumerable.Range(0, fields).Select(i =>
                new MetricSpec($"m{i}", $"{prefix}{i}", new FieldType((unsignedFields >> i & 1) != 0), "last"))],
        RollupNs = 1_000_000_000,
        RollupText = "1s",
        MissingField = skip ? MissingFieldPolicy.Skip : MissingFieldPolicy.Zero,
    });

    public static ushort[] Ids(SeriesModel model) => [.. Enumerable.Range(0, model.Fields.Length).Select(i => (ushort)((i * 9001) + 5))];

    public static List<TestTick> Decode(
        BlockInput input, byte[] block, uint[]? wanted = null, long from = long.MinValue, long to = long.MaxValue)
    {
        var columns = input.Model.NewColumns();
        var runs = new List<KeyRun>();
        new TickBlockReader(input.Model, input.FieldIds).Read(block, BlockInput.OneKey, wanted ?? [], from, to, columns, runs);
        Assert.Equal(runs.Sum(run => run.Count), columns.Count);
        return TicksOf(input.Model, columns, runs);
    }

    public static List<TestTick> TicksOf(SeriesModel model, TickColumns columns, IEnumerable<KeyRun> runs)
    {
        var ticks = new List<TestTick>();
        foreach (var run in runs)
        {
            for (var i = 0; i < run.Count; i++)
            {
                var at = run.Start + i;
                var values = Enumerable.Range(0, model.Fields.Length)
                    .Select(f => columns.Present is { } present && (present[at] >> f & 1) == 0 ? "-" : $"{columns.Fields[f][at]}");
                ticks.Add(
                    new TestTick(run.KeyId, run.FirstRank + (uint)i, columns.Times[at], columns.Sequences[at], string.Join(',', values)));
            }
        }

        return ticks;
    }

    /// <summary>One-key block of ticks (time, sequence, value).</summary>
    public static BlockInput OneKey(params (long Time, uint Sequence, long Value)[] ticks)
    {
        var model = Model(1);
        var columns = model.NewColumns();
        columns.EnsureCapacity(ticks.Length);
        foreach (var (time, sequence, value) in ticks) Append(columns, time, sequence, value);
        return new BlockInput(model, Ids(model), columns, 0, [new KeyRun(BlockInput.OneKey, 0, ticks.Length, 0)], Shared: false);
    }

    public static void Append(TickColumns columns, long time, uint sequence, params long[] values)
    {
        columns.EnsureCapacity(columns.Count + 1);
        columns.Times[columns.Count] = time;
        columns.Sequences[columns.Count] = sequence;
        for (var f = 0; f < values.Length; f++) columns.Fields[f][columns.Count] = values[f];
        if (columns.Present is { } present) present[columns.Count] = (1UL << values.Length) - 1;
        columns.Count++;
    }

    private static readonly Gen<int> AnyCount = Gen.Frequency((3, Gen.Int[1, 20]), (2, Gen.Int[1, 256]), (1, Gen.Const(256)));

    /// <summary>Blocks of every shape: counts, forms, presence, and columns from constant to the extremes.</summary>
    public static readonly Gen<BlockInput> Any =
        from shared in Gen.Bool
        from counts in shared ? Gen.Frequency((2, Gen.Int[1, 12].Array[1, 20]),
            (1, Gen.Const(1).Array[1, 256]), (1, Gen.Int[60, 85].Array[3])) : AnyCount.Array[1]
        from fields in Gen.Frequency((6, Gen.Int[0, 4]), (1, Gen.Int[60, 64]))
        from unsigned in Gen.ULong
        from skip in Gen.Bool
        from start in Gen.Int[0, 9]
        let n = counts.Sum()
        from times in Column(n)
        from sequences in Gen.Frequency((2, Consecutive(n)), (1, Gen.UInt.Array[n]), (1, Gen.UInt[5, 9].Array[n]))
        from values in Column(n).Array[fields]
        from present in Gen.Frequency((1, Gen.Const(ulong.MaxValue).Array[n]),
            (2, Gen.ULong.Array[n]), (1, Gen.OneOf(0UL, ulong.MaxValue).Array[n]))
        from gaps in Gen.Frequency((1, Gen.UInt[1, 9].Array[counts.Length]),
            (1, Gen.UInt[1, 16_000_000].Array[counts.Length]), (1, Gen.Const(64u).Array[counts.Length]))
        from ranks in Gen.Frequency((1, Gen.Const(0u).Array[counts.Length]), (1, Gen.UInt[0, uint.MaxValue - 256].Array[counts.Length]))
        select Make(shared, counts, Model(fields, unsigned, skip), start, times, sequences, values, present, gaps, ranks);

    /// <summary>Columns: arbitrary, extremes, constant, multiples around a base, and short ranges of any width.</summary>
    public static Gen<long[]> Column(int n) => Gen.Frequency(
        (1, Gen.Long.Array[n]),
        (1, Gen.OneOf(long.MinValue, long.MaxValue, 0, -1, 1, long.MinValue + 1).Array[n]),
        (1, from value in Gen.Long select Enumerable.Repeat(value, n).ToArray()),
        (3, from least in Gen.Long
            from step in Gen.Frequency((1, Gen.Long[1, 1000]), (1, Gen.OneOf(1L, 2, 100, 1000, 1024, 1_000_000, 3_000_000_019)))
            from bits in Gen.Int[1, 30]
            from offsets in Gen.Long[0, (1L << bits) - 1].Array[n]
            select offsets.Select(offset => unchecked(least + (step * offset))).ToArray()),
        (2, from least in Gen.Long
            from bits in Gen.Int[1, 63]
            from offsets in Gen.ULong.Array[n]
            select offsets.Select(offset => unchecked(least + (long)(offset >> (64 - bits)))).ToArray()));

    private static Gen<uint[]> Consecutive(int n) =>
        from first in Gen.UInt select Enumerable.Range(0, n).Select(i => unchecked(first + (uint)i)).ToArray();

    private static BlockInput Make(
        bool shared, int[] counts, SeriesModel model, int start, long[] times,
            uint[] sequences, long[][] values, ulong[] present, uint[] gaps, uint[] ranks)
    {
        var columns = model.NewColumns();
        columns.EnsureCapacity(start + times.Length);
        columns.Count = start + times.Length;
        var mask = model.Fields.Length == 0 ? 0 : ulong.MaxValue >> (64 - model.Fields.Length);
        for (var i = 0; i < times.Length; i++)
        {
            columns.Sequences[start + i] = sequences[i];
            if (columns.Present is not null) columns.Present[start + i] = present[i] & mask;
            for (var f = 0; f < values.Length; f++) columns.Fields[f][start + i] = values[f][i];
        }

        var runs = new KeyRun[counts.Length];
        // No range of time includes the last nanosecond.
        for (var i = 0; i < times.Length; i++) times[i] = Math.Min(times[i], long.MaxValue - 1);
        uint key = 0;
        for (int i = 0, at = 0; i < counts.Length; at += counts[i], i++)
        {
            key += gaps[i];
            runs[i] = new KeyRun(shared ? key : BlockInput.OneKey, 0, counts[i], ranks[i]);
            Array.Sort(times, at, counts[i]);
        }

        times.CopyTo(columns.Times, start);
        return new BlockInput(model, Ids(model), columns, start, runs, shared);
    }
}
