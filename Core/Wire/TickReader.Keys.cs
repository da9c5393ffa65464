using System.Runtime.CompilerServices;
using Tikr.Core.Dimensions;

namespace Tikr.Core.Wire;

// The key of a tick: its dimension entries looked up as they are.
internal static unsafe partial class TickReader
{
    /// <summary>The key of a tick as far as the table knows it, and the slot that the table has it in.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static InternedKey? FindKey<TMode>(
        RawKeyTable table, int stamp, scoped in RawTick tick, byte* start, byte* end, byte* near,
        ref NextRun ahead, out int slot, out int state) where TMode : struct
    {
        state = RawKeyTable.Unknown;
        slot = -1;
        if (tick.IsSplit) return null;
        var length = (int)(tick.RunEnd - tick.Run);
        var isAhead = typeof(TMode) == typeof(LookAhead) && tick.Run == ahead.Start && tick.RunEnd == ahead.End;
        var hash = isAhead ? ahead.Hash : RawHash.Of(tick.Run, length);

        // The next tick's dimensions most likely stand at the same place: while this one is dealt with, its slot is fetched.
        if (typeof(TMode) == typeof(LookAhead))
        {
            ahead.Start = tick.Run is null ? null : RunAhead(end, (nint)(tick.Run - start), near, out ahead.End);
            if (ahead.Start is not null)
            {
                ahead.Hash = RawHash.Of(ahead.Start, (int)(ahead.End - ahead.Start));
                table.Prefetch(ahead.Hash);
            }
        }

        slot = table.Find(tick.Run, length, hash);
        return slot >= 0 ? table.Use(slot, stamp, out state) : null;
    }

    /// <summary>
    /// The dimension entries of the tick at <paramref name="p"/> if they stand where expected, in their usual form; else null.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* RunAhead(byte* p, nint offset, byte* near, out byte* runEnd)
    {
        runEnd = null;
        if (p >= near || *p != RequestTags.Tick) return null;
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
        while (p < tickEnd && *p == TickTags.Dimension && p[1] < 0x80) p += 2 + p[1];
        if (p == run || p > tickEnd || *p == TickTags.Dimension && p < tickEnd) return null;
        runEnd = p;
        return run;
    }

    /// <summary>Where the dimension entries of the next tick are expected.</summary>
    private struct NextRun
    {
        public byte* Start, End;
        public ulong Hash;
    }

    /// <summary>Modes of reading, compiled apart.</summary>
    private readonly struct Straight;

    private readonly struct LookAhead;
}
