using System.Buffers;
using System.Text;

namespace Tikr.Storage;

/// <summary>Variable-length integers and texts of record values.</summary>
public static class ByteCodec
{
    /// <summary>Writes seven bits a byte, the lowest first.</summary>
    public static void WriteVarint(this IBufferWriter<byte> to, ulong value)
    {
        var span = to.GetSpan(10);
        var length = 0;
        while (value >= 0x80)
        {
            span[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[length++] = (byte)value;
        to.Advance(length);
    }

    /// <summary>Writes zigzag-coded: numbers near zero are short whatever their sign.</summary>
    public static void WriteSigned(this IBufferWriter<byte> to, long value) => to.WriteVarint((ulong)((value << 1) ^ (value >> 63)));

    /// <summary>Writes its length in bytes and its UTF-8.</summary>
    public static void WriteText(this IBufferWriter<byte> to, string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        to.WriteVarint((ulong)length);
        to.Advance(Encoding.UTF8.GetBytes(text, to.GetSpan(Math.Max(1, length))));
    }
}

/// <summary>
/// Reads what <see cref="ByteCodec"/> writes. Beyond the end it throws <see cref="ArgumentOutOfRangeException"/> or
/// <see cref="IndexOutOfRangeException"/>.
/// </summary>
/// <param name="bytes">A record's value.</param>
public ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Whether everything has been read.</summary>
    public readonly bool IsEmpty => _rest.IsEmpty;

    /// <summary>Bytes that have not been read.</summary>
    public readonly int Length => _rest.Length;

    /// <summary>The next number.</summary>
    public ulong ReadVarint()
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var b = _rest[0];
            _rest = _rest[1..];
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80) return value;
        }
    }

    /// <summary>The next signed number.</summary>
    public long ReadSigned()
    {
        var value = ReadVarint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>The next bytes; they lie in the value itself.</summary>
    public ReadOnlySpan<byte> ReadBytes(int length)
    {
        var bytes = _rest[..length];
        _rest = _rest[length..];
        return bytes;
    }

    /// <summary>The next text.</summary>
    public string ReadText() => Encoding.UTF8.GetString(ReadBytes((int)ReadVarint()));
}
