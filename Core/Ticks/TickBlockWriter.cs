using System.Buffers;
using System.Runtime.CompilerServices;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;

namespace Tikr.Core.Ticks;

/// <summary>Encodes ticks as blocks of bit-packed columns; docs/tick-blocks.md has the layout. Allocates nothing.</summary>
public static class TickBlockWriter
{
    /// <summary>Most ticks of one block.</summary>
    public const int MaxTicks = TickBlockFormat.MaxTicks;

    /// <summary>Writes ticks of one key, sorted by (time, sequence, position), as one block.</summary>
    /// <param name="output">Where the block goes.</param>
    /// <param name="columns">Columns that hold the ticks.</param>
    /// <param name="start">Index of the first tick.</param>
    /// <param name="count">How many; 1 to <see cref="MaxTicks"/>.</param>
    /// <param name="firstRank">Rank of the first tick within its key's run of the flush.</param>
    /// <param name="model">The series.</param>
    /// <param name="fieldIds">The store's number for each field of the model.</param>
    /// <returns>Bytes written.</returns>
    public static int WriteOneKey(
        IBufferWriter<byte> output, TickColumns columns, int start, int count,
            uint firstRank, SeriesModel model, ReadOnlySpan<ushort> fieldIds)
    {
        var run = new KeyRun(0, start, count, firstRank);
        return Write(output, columns, start, count, new ReadOnlySpan<KeyRun>(in run), shared: false, model, fieldIds);
    }

    /// <summary>Writes ticks of several keys as one block: key after key, each key's ticks sorted by (time, sequence, position).</summary>
    /// <param name="output">Where the block goes.</param>
    /// <param name="columns">Columns that hold the ticks.</param>
    /// <param name="start">Index of the first tick of the first key; the others follow without gap.</param>
    /// <param name="runs">The keys, ascending by number, with counts (together 1 to <see cref="MaxTicks"/>) and first ranks; their Start is
    /// ignored.</param>
    /// <param name="model">The series.</param>
    /// <param name="fieldIds">The store's number for each field of the model.</param>
    /// <returns>Bytes written.</returns>
    public static int WriteSharedKeys(
        IBufferWriter<byte> output, TickColumns columns, int start,
            ReadOnlySpan<KeyRun> runs, SeriesModel model, ReadOnlySpan<ushort> fieldIds)
    {
        long count = 0;
        for (var i = 0; i < runs.Length; i++)
        {
            if (runs[i].Count < 1)
            {
                throw new ArgumentException(
                    $"Key {runs[i].KeyId} has {runs[i].Count} ticks; a key in a block has at least one.", nameof(runs));
            }

            if (i > 0 && runs[i].KeyId <= runs[i - 1].KeyId)
            {
                throw new ArgumentException(
                    $"Key {runs[i].KeyId} follows key {runs[i - 1].KeyId}; sort the keys of a block by number.", nameof(runs));
            }

            count += runs[i].Count;
        }

        return Write(output, columns, start, (int)Math.Min(count, int.MaxValue), runs, shared: true, model, fieldIds);
    }

    private static int Write(
        IBufferWriter<byte> output, TickColumns columns, int start, int count, ReadOnlySpan<KeyRun> runs, bool shared,
        SeriesModel model, ReadOnlySpan<ushort> fieldIds)
    {
        Check(columns, start, count, runs, model, fieldIds);
        var hasPresence = columns.Present is { } present && LacksFields(present.AsSpan(start, count), fieldIds.Length);
        var block = new BlockBuilder(output.GetSpan(TickBlockFormat.MaxBytes(count, runs.Length, fieldIds.Length)));
        block.Byte(TickBlockFormat.Version);
        block.Byte((shared ? TickBlockFormat.SharedKeys : 0) | (hasPresence ? TickBlockFormat.HasPresence : 0));
        block.Varint((uint)count);
        if (shared) WriteDirectory(ref block, runs);
        else block.Varint(runs[0].FirstRank);
        block.Varint((uint)fieldIds.Length);
        var times = columns.Times.AsSpan(start, count);
        if (shared) block.Column(times, FieldType.Int64);
        else block.Column(times, times[0], (ulong)(times[^1] - times[0]));
        WriteSequences(ref block, columns.Sequences.AsSpan(start, count), runs, shared);
        for (var field = 0; field < fieldIds.Length; field++)
        {
            block.Varint(fieldIds[field]);
            var values = columns.Fields[field].AsSpan(start, count);
            var type = model.Fields[field].Type;
            if (hasPresence) WriteSparse(ref block, values, columns.Present.AsSpan(start, count), field, runs, shared, type);
            else WriteValues(ref block, values, runs, shared, type);
        }

        var length = block.Seal();
        output.Advance(length);
        return length;
    }

    private static void WriteValues(
        ref BlockBuilder block, scoped ReadOnlySpan<long> values, ReadOnlySpan<KeyRun> runs, bool shared, FieldType type)
    {
        if (shared) KeyedColumn.Write(ref block, values, runs, type);
        else block.Column(values, type);
    }

    [SkipLocalsInit]
    private static void WriteDirectory(ref BlockBuilder block, ReadOnlySpan<KeyRun> runs)
    {
        Span<long> numbers = stackalloc long[MaxTicks];
        numbers = numbers[..runs.Length];
        block.Varint((uint)runs.Length);
        for (var i = 0; i < runs.Length; i++) numbers[i] = runs[i].KeyId;
        block.Column(numbers, FieldType.Int64);
        for (var i = 0; i < runs.Length; i++) numbers[i] = runs[i].Count;
        block.Column(numbers, FieldType.Int64);
        for (var i = 0; i < runs.Length; i++) numbers[i] = runs[i].FirstRank;
        block.Column(numbers, FieldType.Int64);
    }

    /// <summary>Stores sequence - i for the i-th tick of each key: consecutive sequences become a constant.</summary>
    [SkipLocalsInit]
    private static void WriteSequences(ref BlockBuilder block, ReadOnlySpan<uint> sequences, ReadOnlySpan<KeyRun> runs, bool shared)
    {
        Span<long> residuals = stackalloc long[MaxTicks];
        residuals = residuals[..sequences.Length];
        var at = 0;
        foreach (var run in runs)
        {
            if (run.Count == 1) residuals[at] = sequences[at];
            else SequenceResiduals.Take(sequences.Slice(at, run.Count), residuals.Slice(at, run.Count));
            at += run.Count;
        }

        WriteValues(ref block, residuals, runs, shared, FieldType.Int64);
    }

    /// <summary>A presence column, then values where absent ones repeat the one before, which costs least.</summary>
    [SkipLocalsInit]
    private static void WriteSparse(
        ref BlockBuilder block, ReadOnlySpan<long> values, ReadOnlySpan<ulong> present,
            int field, ReadOnlySpan<KeyRun> runs, bool shared, FieldType type)
    {
        Span<long> scratch = stackalloc long[MaxTicks];
        scratch = scratch[..values.Length];
        for (var i = 0; i < scratch.Length; i++) scratch[i] = (long)(present[i] >> field & 1);
        block.Column(scratch, FieldType.Int64);

        var first = scratch.IndexOf(1);
        var held = first < 0 ? 0 : values[first];
        for (var i = 0; i < scratch.Length; i++)
        {
            if (scratch[i] != 0) held = values[i];
            scratch[i] = held;
        }

        WriteValues(ref block, scratch, runs, shared, type);
    }

    private static bool LacksFields(ReadOnlySpan<ulong> present, int fields)
    {
        if (fields == 0) return false;
        var wanted = ulong.MaxValue >> (64 - fields);
        var all = wanted;
        foreach (var bits in present) all &= bits;
        return all != wanted;
    }

    private static void Check(
        TickColumns columns, int start, int count, ReadOnlySpan<KeyRun> runs, SeriesModel model, ReadOnlySpan<ushort> fieldIds)
    {
        if (count is < 1 or > MaxTicks)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"A block holds 1 to {MaxTicks} ticks.");
        if (fieldIds.Length != model.Fields.Length || columns.Fields.Length != model.Fields.Length
            || fieldIds.Length > TickBlockFormat.MaxFields)
        {
            throw new ArgumentException(
                $"Series '{model.Name}' has {model.Fields.Length} fields (at most "
                    + $"{TickBlockFormat.MaxFields}), but {fieldIds.Length} ids and "
                + $"{columns.Fields.Length} columns were given.",
                nameof(fieldIds));
        }

        // A reader searches by time: a block out of order would lose ticks silently.
        var times = columns.Times.AsSpan(start, count);
        foreach (var run in runs)
        {
            if (run.Count > 1 && !ColumnStatistics.IsAscending(times[..run.Count]))
            {
                throw new ArgumentException("Ticks of a key are not sorted by time.", nameof(columns));
            }

            if (run.FirstRank > uint.MaxValue - (uint)run.Count + 1)
            {
                throw new ArgumentException($"Rank {run.FirstRank} leaves no room for {run.Count} ticks.", nameof(runs));
            }

            times = times[run.Count..];
        }
    }
}
