using System.Buffers.Binary;
using System.Text;
using Tikr.Core.Wire;

namespace Tikr.Core.Otlp;

/// <summary>Writes protobuf from its end to its beginning, so that a message's length is known when it is to be written.</summary>
internal sealed class ReverseWriter
{
    private byte[] _buffer = new byte[1024];

    /// <summary>Bytes written so far. What is written now ends this far before the end.</summary>
    public int Written { get; private set; }

    /// <summary>Everything written.</summary>
    public byte[] ToArray() => _buffer.AsSpan(_buffer.Length - Written).ToArray();

    /// <summary>Room for bytes that are filled in later.</summary>
    public void Hole(int length) => Take(length).Clear();

    public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    public void Byte(byte value) => Take(1)[0] = value;

    public void Varint(ulong value)
    {
        Span<byte> bytes = stackalloc byte[VarintCode.MaxLength];
        var length = VarintCode.LengthOf(value);
        VarintCode.Write(bytes[..length], value);
        Bytes(bytes[..length]);
    }

    public void Fixed64(byte tag, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Take(8), value);
        Byte(tag);
    }

    /// <summary>Closes a message, or other field with a length, that began (with its last byte) at <paramref name="from"/>.</summary>
    public void Message(byte tag, int from)
    {
        Varint((ulong)(Written - from));
        Byte(tag);
    }

    public void Text(byte tag, string text)
    {
        var from = Written;
        Bytes(Encoding.UTF8.GetBytes(text));
        Message(tag, from);
    }

    /// <summary>A <c>KeyValue</c> whose value is text.</summary>
    public void TextAttribute(byte tag, string key, string value)
    {
        var attribute = Written;
        Text(OtlpTags.StringValue, value);
        Message(OtlpTags.Value, attribute);
        Text(OtlpTags.Key, key);
        Message(tag, attribute);
    }

    /// <summary>A <c>KeyValue</c> whose value is an integer of <paramref name="length"/> bytes, filled in later.</summary>
    /// <returns>How far before the end the hole begins.</returns>
    public int IntegerAttribute(byte tag, string key, int length)
    {
        var attribute = Written;
        Hole(length);
        var hole = Written;
        Byte(OtlpTags.IntValue);
        Message(OtlpTags.Value, attribute);
        Text(OtlpTags.Key, key);
        Message(tag, attribute);
        return hole;
    }

    private Span<byte> Take(int length)
    {
        if (length > _buffer.Length - Written)
        {
            var larger = new byte[Math.Max(2 * _buffer.Length, Written + length)];
            _buffer.AsSpan(_buffer.Length - Written).CopyTo(larger.AsSpan(larger.Length - Written));
            _buffer = larger;
        }

        Written += length;
        return _buffer.AsSpan(_buffer.Length - Written, length);
    }
}
