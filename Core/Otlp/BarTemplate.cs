using System.Buffers;
using Tikr.Core.Rollup;

namespace Tikr.Core.Otlp;

/// <summary>Encodes the bars of one key: it holds the key's attributes as they are written. Immutable and thread-safe.</summary>
public sealed class BarTemplate
{
    private readonly BarEncoder _encoder;
    private readonly byte[] _attributes;

    internal BarTemplate(BarEncoder encoder, byte[] attributes)
    {
        _encoder = encoder;
        _attributes = attributes;
    }

    /// <summary>A bar as a payload of its own.</summary>
    public byte[] Encode(Bar bar)
    {
        var layout = _encoder.LayoutOf(bar, _attributes.Length);
        var most = layout.MaxLength(_attributes.Length);
        if (_encoder.Encoding != BarEncoding.Json)
        {
            var payload = GC.AllocateUninitializedArray<byte>(most);
            layout.Write(bar, _attributes, payload);
            return payload;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(most);
        var text = buffer.AsSpan(0, layout.Write(bar, _attributes, buffer)).ToArray();
        ArrayPool<byte>.Shared.Return(buffer);
        return text;
    }

    /// <summary>Most bytes that a bar takes.</summary>
    public int MaxLength(Bar bar) => _encoder.LayoutOf(bar, _attributes.Length).MaxLength(_attributes.Length);

    /// <summary>Writes a bar into a buffer of at least <see cref="MaxLength"/> bytes; answers how many it took.</summary>
    public int Encode(Bar bar, Span<byte> target) => _encoder.LayoutOf(bar, _attributes.Length).Write(bar, _attributes, target);
}
