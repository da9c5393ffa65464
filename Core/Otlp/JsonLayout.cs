using System.Buffers.Text;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;

namespace Tikr.Core.Otlp;

/// <summary>A bar in JSON: fixed pieces with a hole behind each.</summary>
internal sealed class JsonLayout(BarShape shape, JsonPiece[] pieces) : BarLayout
{
    // A double is at most as long as -1.7976931348623157E+308.
    private const int MaxNumber = 2 + FieldType.MaxTextLength;

    private readonly int _fixed = pieces.Sum(piece => piece.Text.Length + MaxNumber);
    private readonly int _attributeHoles = pieces.Count(piece => piece.Hole == JsonHole.Attributes);

    public override int MaxLength(int attributesLength) => _fixed + (_attributeHoles * attributesLength);

    public override int Write(Bar bar, ReadOnlySpan<byte> attributes, Span<byte> target)
    {
        var at = 0;
        foreach (ref readonly var piece in pieces.AsSpan())
        {
            piece.Text.CopyTo(target[at..]);
            at += piece.Text.Length;
            switch (piece.Hole)
            {
                case JsonHole.Attributes:
                    attributes.CopyTo(target[at..]);
                    at += attributes.Length;
                    break;
                case JsonHole.Start: at += FieldType.Int64.Format(shape.StartOf(bar), target[at..]); break;
                case JsonHole.Time: at += FieldType.Int64.Format(shape.TimeOf(bar), target[at..]); break;
                case JsonHole.Integer: at += piece.Content.Type.Format((long)piece.Content.Of(bar), target[at..]); break;
                case JsonHole.Double:
                    Utf8Formatter.TryFormat(piece.Content.Type.DoubleOf((long)piece.Content.Of(bar)), target[at..], out var length);
                    at += length;
                    break;
                default: break;
            }
        }

        return at;
    }
}

/// <summary>A fixed piece and what comes behind it.</summary>
/// <param name="Text">The piece.</param>
/// <param name="Hole">What kind of thing follows.</param>
/// <param name="Content">Which number, where it is one.</param>
internal readonly record struct JsonPiece(byte[] Text, JsonHole Hole, Content Content);

/// <summary>What differs between bars of one form.</summary>
internal enum JsonHole
{
    None,
    Attributes,
    Start,
    Time,
    Integer,
    Double,
}
