using System.Numerics;
using System.Runtime.InteropServices;
using Tikr.Core.Specs;

namespace Tikr.Core.Ticks;

/// <summary>Vectorised passes over a column. The last vector overlaps the one before it, which none of these results mind.</summary>
internal static class ColumnStatistics
{
    /// <summary>Least and greatest value in the order of their type.</summary>
    public static (long Min, long Max) MinMax(ReadOnlySpan<long> values, FieldType type)
    {
        var flip = type.OrderMask;
        var (min, max) = (values[0] ^ flip, values[0] ^ flip);
        if (values.Length >= Vector<long>.Count)
        {
            var flips = new Vector<long>(flip);
            var (mins, maxs) = (new Vector<long>(min), new Vector<long>(max));
            var last = values.Length - Vector<long>.Count;
            for (var i = 0; ; i = Math.Min(i + Vector<long>.Count, last))
            {
                var vector = new Vector<long>(values[i..]) ^ flips;
                mins = Vector.Min(mins, vector);
                maxs = Vector.Max(maxs, vector);
                if (i == last) break;
            }

            for (var i = 0; i < Vector<long>.Count; i++)
            {
                min = Math.Min(min, mins[i]);
                max = Math.Max(max, maxs[i]);
            }
        }
        else
        {
            foreach (var value in values)
            {
                min = Math.Min(min, value ^ flip);
                max = Math.Max(max, value ^ flip);
            }
        }

        return (min ^ flip, max ^ flip);
    }

    /// <summary>Writes value - least of each value and returns all of them or-ed.</summary>
    public static ulong Offsets(ReadOnlySpan<long> values, long least, Span<ulong> offsets)
    {
        ulong union = 0;
        var into = MemoryMarshal.Cast<ulong, long>(offsets)[..values.Length];
        if (values.Length < Vector<long>.Count)
        {
            for (var i = 0; i < values.Length; i++) union |= (ulong)(into[i] = values[i] - least);
            return union;
        }

        var leasts = new Vector<long>(least);
        var unions = Vector<long>.Zero;
        var last = values.Length - Vector<long>.Count;
        for (var i = 0; ; i = Math.Min(i + Vector<long>.Count, last))
        {
            var vector = new Vector<long>(values[i..]) - leasts;
            vector.CopyTo(into[i..]);
            unions |= vector;
            if (i == last) break;
        }

        for (var i = 0; i < Vector<long>.Count; i++) union |= (ulong)unions[i];
        return union;
    }

    /// <summary>Whether no value is below the one before it.</summary>
    public static bool IsAscending(ReadOnlySpan<long> values)
    {
        var i = 1;
        for (; i + Vector<long>.Count <= values.Length; i += Vector<long>.Count)
        {
            if (Vector.LessThanAny(new Vector<long>(values[i..]), new Vector<long>(values[(i - 1)..]))) return false;
        }

        for (; i < values.Length; i++)
        {
            if (values[i] < values[i - 1]) return false;
        }

        return true;
    }
}
