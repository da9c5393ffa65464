using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Tikr.Core.Dimensions;
using Tikr.Core.Specs;

namespace Tikr.Core.Wire;

/// <summary>
/// The fast path: reads the ticks of a message whose outline <see cref="MessageOutline"/> has checked. It expects what encoders usually
/// write and hands anything else, part by part, to <see cref="CarefulReader"/>; whole ticks that are out of the ordinary go through
/// <see cref="TickJudge"/>. Its pieces are inlined into one loop, whose variables stay in registers: no tick costs a call.
/// </summary>
internal static unsafe partial class TickReader
{
    /// <summary>Reads all ticks between two positions. On a fault it stops; the caller takes nothing then.</summary>
    public static void Read(ref TickScope scope, byte* p, byte* end)
    {
        // Looking ahead costs a few nanoseconds per tick and pays where the table does not fit the cache.
        if (scope.Table.IsLarge) Read<LookAhead>(ref scope, p, end);
        else Read<Straight>(ref scope, p, end);
    }

    private static void Read<TMode>(ref TickScope scope, byte* p, byte* end) where TMode : struct
    {
        var message = scope.Message;
        var columns = message.Columns;
        var fields = new FieldTarget(scope.Series.Fields, message, end);
        var ahead = default(NextRun);
        var table = scope.Table;
        var stamp = scope.Stamp;
        var unit = (ulong)scope.Series.UnitNs;
        var first = scope.Accepted.First;
        var width = scope.Accepted.Width;
        var all = scope.Series.Fields.All;
        var rejectsMissing = scope.Series.Model.Spec.MissingField == MissingFieldPolicy.Reject;
        var count = 0;
        var capacity = message.Capacity;
        long least = long.MaxValue, greatest = long.MinValue;
        ref var times = ref MemoryMarshal.GetArrayDataReference(columns.Times);
        ref var sequences = ref MemoryMarshal.GetArrayDataReference(columns.Sequences);
        ref InternedKey? keys = ref MemoryMarshal.GetArrayDataReference<InternedKey?>(message.Keys);

        while (p < end)
        {
            var start = TickAt(p, end, out var tickEnd);
            if (start is null) break;
            p = tickEnd;
            if (count == capacity)
            {
                columns.Count = count;
                message.EnsureCapacity(count + 1);
                capacity = message.Capacity;
                times = ref MemoryMarshal.GetArrayDataReference(columns.Times);
                sequences = ref MemoryMarshal.GetArrayDataReference(columns.Sequences);
                keys = ref MemoryMarshal.GetArrayDataReference<InternedKey?>(message.Keys);
            }

            if (!ReadParts<TMode>(ref scope, fields, start, tickEnd, count, ahead, out var tick)) break;
            var key = FindKey<TMode>(table, stamp, tick, start, tickEnd, fields.Near, ref ahead, out var slot, out var state);
            if (state != RawKeyTable.Ready || tick.Timestamp - first >= width
                || (tick.Seen != all && rejectsMissing) || scope.Oddities != TickOddity.None)
            {
                var parts = new TickParts(start, tickEnd, tick.IsSplit, tick.Timestamp, tick.Seen);
                key = TickJudge.Judge(ref scope, parts, tick.Raw, slot, key, state);
                if (scope.Fault != WireFault.None) break;
                table = scope.Table;
                if (key is null) continue;
            }

            if (tick.Seen != all) FillMissing(message, tick.Seen, all, count);
            if (columns.Present is { } present) present[count] = tick.Seen;
            var time = (long)(tick.Timestamp * unit);
            Unsafe.Add(ref times, count) = time;
            Unsafe.Add(ref sequences, count) = tick.Sequence;
            Unsafe.Add(ref keys, count) = key;
            least = Math.Min(least, time);
            greatest = Math.Max(greatest, time);
            count++;
        }

        columns.Count = count;
        message.MinTimeNs = least;
        message.MaxTimeNs = greatest;
    }

    /// <summary>Reads the parts of a tick; false on a fault.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool ReadParts<TMode>(
        ref TickScope scope, scoped in FieldTarget fields, byte* p, byte* end, int count, NextRun ahead, out RawTick tick)
        where TMode : struct
    {
        tick = default;
        nint place = 0;
        while (p < end)
        {
            byte* next = null;
            if (p <= fields.Near)
            {
                switch (*p)
                {
                    case TickTags.Field:
                        next = Field(p, end, fields, ref Unsafe.Add(ref fields.Order, place), out var column, out var value);
                        if (next is null) break;
                        fields.Set(column, count, value);
                        tick.Seen |= 1UL << (int)column;
                        place = (place + 1) & 63;
                        p = next;
                        continue;
                    case TickTags.Dimension:
                        next = typeof(TMode) == typeof(LookAhead) && tick.Run is null && p == ahead.Start ? ahead.End : Dimension(p, end);
                        if (next is null) break;
                        tick.AddDimension(p, next);
                        p = next;
                        continue;
                    case TickTags.Timestamp:
                        next = Varint(p + 1, end, out var timestamp);
                        if (next is null) break;
                        tick.Timestamp = timestamp;
                        p = next;
                        continue;
                    case TickTags.Sequence:
                        next = Varint(p + 1, end, out var sequence);
                        if (next is null) break;
                        tick.Sequence = (uint)sequence;
                        p = next;
                        continue;
                    default:
                        break;
                }
            }

            next = CarefulReader.ReadPart(ref scope, p, end);
            if (next is null) return false;
            switch (scope.Part)
            {
                case TickPart.Timestamp:
                    tick.Timestamp = scope.Value;
                    break;
                case TickPart.Sequence:
                    tick.Sequence = (uint)scope.Value;
                    break;
                case TickPart.Dimension:
                    tick.AddDimension(p, next);
                    break;
                case TickPart.Field:
                    place = (place + 1) & 63;
                    if (scope.Column < 0) break;
                    fields.Set(scope.Column, count, (long)scope.Value);
                    tick.Seen |= 1UL << scope.Column;
                    break;
                default:
                    break;
            }

            p = next;
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void FillMissing(TickMessage message, ulong seen, ulong all, int tick)
    {
        var columns = message.Columns;
        for (var missing = all & ~seen; missing != 0; missing &= missing - 1)
        {
            var column = BitOperations.TrailingZeroCount(missing);
            columns.Fields[column][tick] = 0;

            // Where presence is kept the field stays absent: nobody takes it for a 0.
            if (columns.Present is null) message.CountZeroFilled(column);
        }
    }

    /// <summary>What has been read of a tick.</summary>
    private struct RawTick
    {
        public ulong Timestamp, Seen;
        public uint Sequence;

        /// <summary>The dimension entries, where they stand side by side.</summary>
        public byte* Run, RunEnd;
        public bool IsSplit;

        public readonly ReadOnlySpan<byte> Raw => IsSplit ? default : new ReadOnlySpan<byte>(Run, (int)(RunEnd - Run));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void AddDimension(byte* from, byte* to)
        {
            if (Run is null) Run = from;
            else if (from != RunEnd) IsSplit = true;
            RunEnd = to;
        }
    }
}
