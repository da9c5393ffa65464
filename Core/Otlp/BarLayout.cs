using Tikr.Core.Rollup;

namespace Tikr.Core.Otlp;

/// <summary>
/// All that bars of equal form have in common, with holes for what differs. Shared by the keys of a series: a key adds its attributes only.
/// </summary>
internal abstract class BarLayout
{
    /// <summary>Most bytes that a bar takes.</summary>
    /// <param name="attributesLength">Length of the key's attributes.</param>
    public abstract int MaxLength(int attributesLength);

    /// <summary>Writes a bar; answers its length.</summary>
    public abstract int Write(Bar bar, ReadOnlySpan<byte> attributes, Span<byte> target);
}

/// <summary>The form of a bar: equal forms share a layout.</summary>
/// <param name="AttributesLength">Length of the key's attributes; 0 where the layout does not depend on it.</param>
/// <param name="Present">Metrics that have a value.</param>
/// <param name="Doubles">Metrics whose values are written as doubles.</param>
/// <param name="RevisionLength">Bytes of the revision as a varint; 0 for revision 0.</param>
internal readonly record struct BarForm(int AttributesLength, ulong Present, ulong Doubles, int RevisionLength);
