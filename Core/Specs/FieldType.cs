namespace Tikr.Core.Specs;

/// <summary>
/// Type of a field, and of the metrics that read it: what the 64 bits that are kept of each value stand for. Everything that depends on
/// it is asked of it.
/// </summary>
/// <param name="Unsigned">Whether the bits are a uint64, else an int64.</param>
/// <param name="Decimals">Decimal places, 0 to 18: the value is that whole number divided by 10 to this power.</param>
public readonly partial record struct FieldType(bool Unsigned, int Decimals = 0)
{
    /// <summary>Whole numbers of either sign.</summary>
    public static FieldType Int64 => default;

    /// <summary>Whole numbers from 0 on.</summary>
    public static FieldType UInt64 => new(Unsigned: true);

    /// <summary>The types that a spec can name, in the order they are documented.</summary>
    public static IReadOnlyList<FieldType> All { get; } = [Int64, UInt64];

    /// <summary>The YAML word.</summary>
    public string Word => Unsigned ? "uint64" : "int64";

    /// <summary>The least whole number of the type.</summary>
    public Int128 Least => Unsigned ? 0 : long.MinValue;

    /// <summary>The greatest whole number of the type.</summary>
    public Int128 Greatest => Unsigned ? ulong.MaxValue : long.MaxValue;

    /// <summary>The whole number of a value.</summary>
    public Int128 IntegerOf(long bits) => Unsigned ? (ulong)bits : bits;

    /// <summary>The bits of a whole number, or of the nearest one that the type has.</summary>
    public long Saturate(Int128 integer) => unchecked((long)(ulong)Int128.Clamp(integer, Least, Greatest));

    /// <summary>The YAML word.</summary>
    public override string ToString() => Word;
}
