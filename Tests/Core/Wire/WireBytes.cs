using System.Text;

namespace Tikr.Tests.Core.Wire;

/// <summary>Writes protobuf by hand, in any encoding the format allows.</summary>
internal sealed class WireBytes
{
    private readonly List<byte> _bytes = [];

    public byte[] ToArray() => [.. _bytes];

    public WireBytes Raw(params ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    /// <summary>A varint, stretched with empty continuation bytes to at least some length.</summary>
    public WireBytes Varint(ulong value, int atLeast = 1)
    {
        var length = 1;
        while (value >= 0x80 || length < atLeast)
        {
            _bytes.Add((byte)(value | 0x80));
            value >>= 7;
            length++;
        }

        _bytes.Add((byte)value);
        return this;
    }

    public WireBytes Tag(int field, int wireType, int atLeast = 1) => Varint((ulong)((field << 3) | wireType), atLeast);

    public WireBytes Number(int field, ulong value, int atLeast = 1) => Tag(field, 0).Varint(value, atLeast);

    public WireBytes Block(int field, ReadOnlySpan<byte> bytes, int atLeast = 1) =>
        Tag(field, 2).Varint((ulong)bytes.Length, atLeast).Raw(bytes);

    public WireBytes Text(int field, string text) => Block(field, Encoding.UTF8.GetBytes(text));

    public WireBytes Part(int field, Action<WireBytes> write)
    {
        var part = new WireBytes();
        write(part);
        return Block(field, part.ToArray());
    }

    public WireBytes Dimension(string name, string value) => Part(2, entry => entry.Text(1, name).Text(2, value));

    public WireBytes Field(string name, long value) => Part(3, entry => entry.Text(1, name).Number(2, (ulong)value));
}
