using System.Text;
using Tikr.Core.Specs;
using Tikr.Core.Wire;

namespace Tikr.Core.Dimensions;

/// <summary>
/// The normal form of a dimension set: its map entries as the wire has them, in the order of the spec, each length in its shortest form.
/// Equal sets have equal normal forms and different sets different ones, since every name and value carries its length.
/// </summary>
internal static class CanonicalRun
{
    /// <summary>Bytes that a normal form takes at most.</summary>
    public static int MaxLength(ReadOnlySpan<byte[]> names, int valueBytes)
    {
        var length = valueBytes;
        foreach (var name in names) length += name.Length + 18;
        return length;
    }

    /// <summary>Appends the entry of one dimension; answers the position behind it.</summary>
    public static int Append(Span<byte> target, int at, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        target[at++] = TickTags.Dimension;
        at = AppendLength(target, at, 2 + LengthSize(name.Length) + name.Length + LengthSize(value.Length) + value.Length);
        target[at++] = EntryTags.Key;
        at = AppendLength(target, at, name.Length);
        name.CopyTo(target[at..]);
        at += name.Length;
        target[at++] = EntryTags.Text;
        at = AppendLength(target, at, value.Length);
        value.CopyTo(target[at..]);
        return at + value.Length;
    }

    /// <summary>The normal form of a set.</summary>
    public static byte[] Of(ReadOnlySpan<byte[]> names, DimensionSet set)
    {
        var values = Array.ConvertAll(set.Values, Encoding.UTF8.GetBytes);
        var target = new byte[MaxLength(names, values.Sum(value => value.Length))];
        var at = 0;
        for (var i = 0; i < values.Length; i++) at = Append(target, at, names[i], values[i]);
        return target[..at];
    }

    /// <summary>Dimension names of a spec as they stand on the wire.</summary>
    public static byte[][] NamesOf(SeriesSpec spec) => [.. spec.Dimensions.Select(dimension => Encoding.UTF8.GetBytes(dimension.Name))];

    private static int LengthSize(int length) => VarintCode.LengthOf((uint)length);

    private static int AppendLength(Span<byte> target, int at, int length) => at + VarintCode.WriteShortest(target[at..], (uint)length);
}
