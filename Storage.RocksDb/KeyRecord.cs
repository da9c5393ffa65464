using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Tikr.Core.Dimensions;
using Tikr.Core.Specs;

namespace Tikr.Storage.RocksDb;

/// <summary>Value of a key in the table by hash: its number, since when it has been idle (0 while in use), its dimension values.</summary>
internal readonly record struct KeyRecord(uint KeyId, long IdleSinceNs, string[] Values)
{
    private const int ValuesOffset = 12;

    public void Write(IBufferWriter<byte> to)
    {
        var span = to.GetSpan(ValuesOffset);
        BinaryPrimitives.WriteUInt32BigEndian(span, KeyId);
        BinaryPrimitives.WriteInt64BigEndian(span[4..], IdleSinceNs);
        to.Advance(ValuesOffset);
        foreach (var value in Values) to.WriteText(value);
    }

    public static KeyRecord Read(ReadOnlySpan<byte> from)
    {
        var reader = new ByteReader(from[ValuesOffset..]);
        List<string> values = [];
        while (!reader.IsEmpty) values.Add(reader.ReadText());
        return new KeyRecord(ReadKeyId(from), ReadIdleSince(from), [.. values]);
    }

    public static uint ReadKeyId(ReadOnlySpan<byte> from) => BinaryPrimitives.ReadUInt32BigEndian(from);

    public static long ReadIdleSince(ReadOnlySpan<byte> from) => BinaryPrimitives.ReadInt64BigEndian(from[4..]);

    /// <summary>The same record with another idle time.</summary>
    public static byte[] WithIdleSince(ReadOnlySpan<byte> record, long idleSinceNs)
    {
        var changed = record.ToArray();
        BinaryPrimitives.WriteInt64BigEndian(changed.AsSpan(4), idleSinceNs);
        return changed;
    }
}

/// <summary>
/// Keys of the index by dimension values, in an order that is the ordinal UTF-8 order of the values one after the other: a zero byte in
/// a value is followed by 0xFF, and each value ends in 0, 1, which is less than anything a longer value goes on with.
/// </summary>
internal static class DimensionIndex
{
    public static byte[] Prefix(ushort seriesId, ReadOnlySpan<string?> leadingValues)
    {
        var key = new ArrayBufferWriter<byte>(64);
        key.Write([(byte)'D', (byte)(seriesId >> 8), (byte)seriesId]);
        foreach (var value in leadingValues)
        {
            if (value is null) break;
            Append(key, value);
        }

        return key.WrittenSpan.ToArray();
    }

    public static DimensionSet Read(ReadOnlySpan<byte> key, SeriesSpec spec)
    {
        var values = new string[spec.Dimensions.Length];
        var rest = key[3..];
        var text = new ArrayBufferWriter<byte>(32);
        for (var i = 0; i < values.Length; i++)
        {
            text.ResetWrittenCount();
            while (true)
            {
                var zero = rest.IndexOf((byte)0);
                text.Write(rest[..zero]);
                var isEnd = rest[zero + 1] == 1;
                rest = rest[(zero + 2)..];
                if (isEnd) break;
                text.Write([(byte)0]);
            }

            values[i] = Encoding.UTF8.GetString(text.WrittenSpan);
        }

        return new DimensionSet(spec, values);
    }

    private static void Append(ArrayBufferWriter<byte> key, string value)
    {
        foreach (var b in Encoding.UTF8.GetBytes(value))
        {
            key.Write([b]);
            if (b == 0) key.Write([(byte)0xff]);
        }

        key.Write([(byte)0, (byte)1]);
    }
}
