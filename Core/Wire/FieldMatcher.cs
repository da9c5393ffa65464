using System.Runtime.Intrinsics;
using System.Text;
using Tikr.Core.Rollup;

namespace Tikr.Core.Wire;

/// <summary>
/// Recognises the fields of a series by the bytes that lead up to their value in a map entry: tag, length, name, tag. One masked
/// comparison of 16 bytes decides for names of up to 13 bytes.
/// </summary>
internal sealed class FieldMatcher
{
    /// <summary>Bytes that one comparison covers.</summary>
    public const int ComparedBytes = 16;

    private readonly byte[][] _notStored;

    /// <summary>Prepares the fields of a series.</summary>
    public FieldMatcher(SeriesModel model)
    {
        Templates = [.. model.Fields.Select(field => FieldTemplate.Of(field.Utf8))];
        All = Templates.Length == 64 ? ulong.MaxValue : (1UL << Templates.Length) - 1;

        // A count names a field and ignores it: such a field is known, and nothing is kept of it.
        _notStored = [.. model.Spec.Metrics.Where(
            metric => metric.Field is not null && model.Fields.All(field => field.Name != metric.Field))
            .Select(metric => Encoding.UTF8.GetBytes(metric.Field!))];
    }

    /// <summary>One template per column, in the order of the columns.</summary>
    public FieldTemplate[] Templates { get; }

    /// <summary>A bit for each column.</summary>
    public ulong All { get; }

    /// <summary>The column of a field name; -1 if no metric reads it.</summary>
    public int ColumnOf(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < Templates.Length; i++)
        {
            if (name.SequenceEqual(Templates[i].Name)) return i;
        }

        return -1;
    }

    /// <summary>Whether the spec names the field although no column keeps it.</summary>
    public bool IsNamed(ReadOnlySpan<byte> name)
    {
        foreach (var known in _notStored)
        {
            if (name.SequenceEqual(known)) return true;
        }

        return false;
    }
}

/// <summary>What the entry of a field looks like up to its value.</summary>
/// <param name="Bytes">The first 16 bytes of it, zero behind its end.</param>
/// <param name="Mask">Which of them count.</param>
/// <param name="Length">How many bytes in all.</param>
/// <param name="Rest">The bytes from the 17th on.</param>
/// <param name="Name">The field's name.</param>
internal readonly record struct FieldTemplate(Vector128<byte> Bytes, Vector128<byte> Mask, int Length, byte[] Rest, byte[] Name)
{
    /// <summary>The template of a name.</summary>
    public static FieldTemplate Of(byte[] name)
    {
        // The length of a longer name takes two bytes: such fields are left to the careful reader, by a template that nothing equals.
        if (name.Length > 127) return new FieldTemplate(Vector128<byte>.AllBitsSet, default, 0, [], name);
        byte[] full = [EntryTags.Key, (byte)name.Length, .. name, EntryTags.Number];
        Span<byte> bytes = stackalloc byte[FieldMatcher.ComparedBytes], mask = stackalloc byte[FieldMatcher.ComparedBytes];
        var near = Math.Min(full.Length, FieldMatcher.ComparedBytes);
        full.AsSpan(0, near).CopyTo(bytes);
        mask[..near].Fill(0xff);
        return new FieldTemplate(Vector128.Create<byte>(bytes), Vector128.Create<byte>(mask), full.Length, full[near..], name);
    }
}
