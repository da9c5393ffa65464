using Tikr.Core.Ticks;

namespace Tikr.Benchmarks.Micro;

/// <summary>The plain alternative: a row of varints per tick, times and sequences as differences, values zigzag.</summary>
internal static class VarintRows
{
    public static int Write(TickColumns columns, int start, int count, Span<byte> into)
    {
        var at = 0;
        long time = 0, sequence = 0;
        for (var i = start; i < start + count; i++)
        {
            Put((ulong)(columns.Times[i] - time), into, ref at);
            Put(ZigZag(columns.Sequences[i] - sequence), into, ref at);
            foreach (var field in columns.Fields) Put(ZigZag(field[i]), into, ref at);
            time = columns.Times[i];
            sequence = columns.Sequences[i];
        }

        return at;
    }

    public static void Read(ReadOnlySpan<byte> rows, TickColumns into)
    {
        var at = 0;
        long time = 0, sequence = 0;
        while (at < rows.Length)
        {
            into.EnsureCapacity(into.Count + 1);
            into.Times[into.Count] = time += (long)Take(rows, ref at);
            into.Sequences[into.Count] = (uint)(sequence += UnZigZag(Take(rows, ref at)));
            foreach (var field in into.Fields) field[into.Count] = UnZigZag(Take(rows, ref at));
            into.Count++;
        }
    }

    private static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    private static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    private static void Put(ulong value, Span<byte> into, ref int at)
    {
        for (; value > 127; value >>= 7) into[at++] = (byte)(value | 128);
        into[at++] = (byte)value;
    }

    private static ulong Take(ReadOnlySpan<byte> rows, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var b = rows[at++];
            value |= (ulong)(b & 127) << shift;
            if (b < 128) return value;
        }
    }
}
