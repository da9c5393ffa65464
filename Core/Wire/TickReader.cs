using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Tikr.Core.Dimensions;
using Tikr.Core.Specs;

namespace Tikr.Core.Wire;

/// <summary>
/// The fast path: reads the ticks of a message whose outline <see cref="MessageOutline"/> has checked. It expects what encoders usually
/// write and hands anything else, part by part, to <see cref="CarefulReader"/>; whole ticks that are out of the ordinary go through
/// <see cref="TickJudge"/>.
/// </summary>
internal static unsafe class TickReader
{
    private const byte TickTag = 0x12, TimestampTag = 0x08, DimensionTag = 0x12, FieldTag = 0x1a, SequenceTag = 0x20;
    private const ulong Continues = 0x8080_8080_8080_8080;

    /// <summary>Bytes that may be read at once behind a position: tag, length, a template, a varint.</summary>
    private const int Reach = 2 + FieldMatcher.Window + 10;

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
        var plan = scope.Series.Plan;
        var columns = message.Columns;
        var table = scope.Table;
        var stamp = scope.Stamp;
        var unit = (ulong)scope.Series.UnitNs;
        var first = scope.Window.First;
        var width = scope.Window.Width;
        var all = scope.Series.Fields.All;
        var rejectsMissing = plan.Spec.MissingField == MissingFieldPolicy.Reject;
        var near = end - Reach;
        var count = 0;
        var capacity = message.Capacity;
        byte* aheadRun = null, aheadEnd = null;
        ulong aheadHash = 0;
        long least = long.MaxValue, greatest = long.MinValue;
        ref var templates = ref MemoryMarshal.GetArrayDataReference(scope.Series.Fields.Templates);
        var templateCount = scope.Series.Fields.Templates.Length;
        ref var order = ref MemoryMarshal.GetArrayDataReference(message.FieldOrder);
        ref var fields = ref MemoryMarshal.GetArrayDataReference(columns.Fields);
        ref var times = ref MemoryMarshal.GetArrayDataReference(columns.Times);
        ref var sequences = ref MemoryMarshal.GetArrayDataReference(columns.Sequences);
        ref InternedKey? keys = ref MemoryMarshal.GetArrayDataReference<InternedKey?>(message.Keys);

        while (p < end)
        {
            byte* tick, tickEnd;
            if (*p == TickTag && end - p > 2 && p[1] < 0x80)
            {
                tick = p + 2;
                tickEnd = tick + p[1];
            }
            else
            {
                tick = MessageOutline.NextTick(p, end, out tickEnd);
                if (tick is null) break;
            }

            p = tick;
            if (count == capacity)
            {
                columns.Count = count;
                message.EnsureCapacity(count + 1);
                capacity = message.Capacity;
                times = ref MemoryMarshal.GetArrayDataReference(columns.Times);
                sequences = ref MemoryMarshal.GetArrayDataReference(columns.Sequences);
                keys = ref MemoryMarshal.GetArrayDataReference<InternedKey?>(message.Keys);
            }

            ulong timestamp = 0, seen = 0;
            uint sequence = 0;
            byte* run = null, runEnd = null;
            var split = false;
            nint place = 0;

            while (p < tickEnd)
            {
                var tag = *p;
                if (p <= near)
                {
                    if (tag == FieldTag)
                    {
                        var lead = Vector128.Load(p + 2);
                        nint column = Unsafe.Add(ref order, place);
                        ref var template = ref Unsafe.Add(ref templates, column);
                        if (templateCount > 0 && (lead & template.Mask) != template.Bytes)
                        {
                            for (column = 0; column < templateCount; column++)
                            {
                                template = ref Unsafe.Add(ref templates, column);
                                if ((lead & template.Mask) == template.Bytes) break;
                            }

                            if (column < templateCount) Unsafe.Add(ref order, place) = (byte)column;
                        }

                        if (column < templateCount)
                        {
                            var entryEnd = p + 2 + p[1];
                            var at = p + 2 + template.Length;
                            if (p[1] < 0x80 && entryEnd <= tickEnd
                                && (template.Length <= FieldMatcher.Window || RestMatches(template, p, end)))
                            {
                                var bytes = Unsafe.ReadUnaligned<ulong>(at);
                                var stops = ~bytes & Continues;
                                if (stops != 0 && at + (BitOperations.TrailingZeroCount(stops) >> 3) + 1 == entryEnd)
                                {
                                    Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(Unsafe.Add(ref fields, column)), count) =
                                        (long)Packed(bytes & (stops ^ (stops - 1)));
                                    seen |= 1UL << (int)column;
                                    place = (place + 1) & 63;
                                    p = entryEnd;
                                    continue;
                                }
                            }
                        }
                    }
                    else if (tag == DimensionTag)
                    {
                        if (run is null)
                        {
                            run = p;
                            if (typeof(TMode) == typeof(LookAhead) && p == aheadRun)
                            {
                                p = runEnd = aheadEnd;
                                continue;
                            }
                        }
                        else if (p != runEnd)
                        {
                            split = true;
                        }

                        uint length = p[1];
                        if (length < 0x80)
                        {
                            p += 2 + length;
                            runEnd = p;
                            if (p <= tickEnd) continue;
                            scope.Fault = WireFault.BadLength;
                            scope.FaultAt = tick;
                            goto Done;
                        }

                        length = (length & 0x7f) | ((uint)p[2] << 7);
                        if (p[2] < 0x80 && p + 3 + length <= tickEnd)
                        {
                            p += 3 + length;
                            runEnd = p;
                            continue;
                        }
                    }
                    else if (tag == TimestampTag)
                    {
                        var bytes = Unsafe.ReadUnaligned<ulong>(p + 1);
                        var stops = ~bytes & Continues;
                        if (stops != 0)
                        {
                            timestamp = Packed(bytes & (stops ^ (stops - 1)));
                            p += 2 + (BitOperations.TrailingZeroCount(stops) >> 3);
                            if (p <= tickEnd) continue;
                        }
                        else if (p[9] < 0x80)
                        {
                            timestamp = Packed(bytes) | ((ulong)p[9] << 56);
                            p += 10;
                            if (p <= tickEnd) continue;
                        }

                        if (p > tickEnd)
                        {
                            scope.Fault = WireFault.Truncated;
                            scope.FaultAt = tickEnd;
                            goto Done;
                        }
                    }
                    else if (tag == SequenceTag)
                    {
                        var bytes = Unsafe.ReadUnaligned<ulong>(p + 1);
                        var stops = ~bytes & Continues;
                        var next = p + 2 + (BitOperations.TrailingZeroCount(stops) >> 3);
                        if (stops != 0 && next <= tickEnd)
                        {
                            sequence = (uint)Packed(bytes & (stops ^ (stops - 1)));
                            p = next;
                            continue;
                        }
                    }
                }

                var after = CarefulReader.ReadPart(ref scope, p, tickEnd);
                if (after is null) goto Done;
                switch (scope.Part)
                {
                    case TickPart.Timestamp:
                        timestamp = scope.Value;
                        break;
                    case TickPart.Sequence:
                        sequence = (uint)scope.Value;
                        break;
                    case TickPart.Dimension:
                        split |= run is not null && p != runEnd;
                        run = run is null ? p : run;
                        runEnd = after;
                        break;
                    case TickPart.Field:
                        place = (place + 1) & 63;
                        if (scope.Column < 0) break;
                        Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(Unsafe.Add(ref fields, scope.Column)), count) =
                            (long)scope.Value;
                        seen |= 1UL << scope.Column;
                        break;
                    default:
                        break;
                }

                p = after;
            }

            InternedKey? key = null;
            var state = RawKeyTable.Unknown;
            var slot = -1;
            if (!split)
            {
                var length = (int)(runEnd - run);
                var isAhead = typeof(TMode) == typeof(LookAhead) && run == aheadRun && runEnd == aheadEnd;
                var hash = isAhead ? aheadHash : RawHash.Of(run, length);

                // The next tick's dimensions most likely stand at the same place: while this one is dealt with, its slot is fetched.
                if (typeof(TMode) == typeof(LookAhead))
                {
                    aheadRun = run is null ? null : RunAhead(tickEnd, (nint)(run - tick), near, out aheadEnd);
                    if (aheadRun is not null)
                    {
                        aheadHash = RawHash.Of(aheadRun, (int)(aheadEnd - aheadRun));
                        table.Prefetch(aheadHash);
                    }
                }

                slot = table.Find(run, length, hash);
                if (slot >= 0) key = table.Use(slot, stamp, out state);
            }

            if (state != RawKeyTable.Ready || timestamp - first >= width
                || (seen != all && rejectsMissing) || scope.Oddities != TickOddity.None)
            {
                var raw = split ? default : new ReadOnlySpan<byte>(run, (int)(runEnd - run));
                key = TickJudge.Judge(ref scope, new TickParts(tick, tickEnd, split, timestamp, seen), raw, slot, key, state);
                if (scope.Fault != WireFault.None) goto Done;
                table = scope.Table;
                if (key is null) continue;
            }

            if (seen != all) FillMissing(columns, seen, all, count);
            if (columns.Present is { } present) present[count] = seen;
            var time = (long)(timestamp * unit);
            Unsafe.Add(ref times, count) = time;
            Unsafe.Add(ref sequences, count) = sequence;
            Unsafe.Add(ref keys, count) = key;
            least = Math.Min(least, time);
            greatest = Math.Max(greatest, time);
            count++;
        }

    Done:
        columns.Count = count;
        message.MinTimeNs = least;
        message.MaxTimeNs = greatest;
    }

    /// <summary>
    /// The dimension entries of the tick at <paramref name="p"/> if they stand where expected, in their usual form; else null.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* RunAhead(byte* p, nint offset, byte* near, out byte* runEnd)
    {
        runEnd = null;
        if (p >= near || *p != TickTag) return null;
        uint length = p[1];
        p += 2;
        if (length >= 0x80)
        {
            length = (length & 0x7f) | ((uint)p[0] << 7);
            p++;
            if (length >= 1 << 14) return null;
        }

        var tickEnd = p + length;
        if (tickEnd > near) return null;
        var run = p + offset;
        p = run;
        while (p < tickEnd && *p == DimensionTag && p[1] < 0x80) p += 2 + p[1];
        if (p == run || p > tickEnd || *p == DimensionTag && p < tickEnd) return null;
        runEnd = p;
        return run;
    }

    /// <summary>Drops the continuation bit of each of 8 bytes and closes the gaps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Packed(ulong bytes)
    {
        bytes = (bytes & 0x007f_007f_007f_007f) | ((bytes & 0x7f00_7f00_7f00_7f00) >> 1);
        bytes = (bytes & 0x0000_3fff_0000_3fff) | ((bytes & 0x3fff_0000_3fff_0000) >> 2);
        return (bytes & 0x0000_0000_0fff_ffff) | ((bytes & 0x0fff_ffff_0000_0000) >> 4);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool RestMatches(in FieldTemplate template, byte* entry, byte* end) =>
        entry + 2 + template.Length + 8 <= end &&
        new ReadOnlySpan<byte>(entry + 2 + FieldMatcher.Window, template.Rest.Length).SequenceEqual(template.Rest);

    /// <summary>Modes of reading, compiled apart.</summary>
    private readonly struct Straight;

    private readonly struct LookAhead;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void FillMissing(Ticks.TickColumns columns, ulong seen, ulong all, int tick)
    {
        for (var missing = all & ~seen; missing != 0; missing &= missing - 1)
        {
            columns.Fields[BitOperations.TrailingZeroCount(missing)][tick] = 0;
        }
    }
}
