using Tikr.Core.Otlp;
using Tikr.Core.Rollup;

namespace Tikr.Publishing.Records;

/// <summary>
/// Buffers of exact lengths: the client takes whole arrays and copies them, and bars of one series have few lengths. Not for several
/// threads at once.
/// </summary>
internal sealed class PayloadBuffers
{
    private const int MaxLength = 8_192;
    private readonly byte[]?[] _byLength = new byte[]?[MaxLength + 1];

    /// <summary>Encodes a bar; valid until the next one is encoded.</summary>
    public byte[] Encode(BarTemplate template, Bar bar)
    {
        var most = template.MaxLength(bar);
        var buffer = most > MaxLength ? new byte[most] : _byLength[most] ??= new byte[most];
        var length = template.Encode(bar, buffer);
        if (length == most) return buffer;
        var exact = length > MaxLength ? new byte[length] : _byLength[length] ??= new byte[length];
        buffer.AsSpan(0, length).CopyTo(exact);
        return exact;
    }
}
