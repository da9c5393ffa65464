using Tikr.Core.Specs;

namespace Tikr.Core.Otlp;

/// <summary>Values of a type in OTLP, whose data points hold an int64 (as_int) or a double (as_double).</summary>
internal static class FieldTypeOtlp
{
    /// <summary>Whether some values of the type can only be doubles.</summary>
    public static bool HasDoubles(this FieldType type) => type.Greatest > long.MaxValue;

    /// <summary>Whether a value can only be a double.</summary>
    public static bool IsDouble(this FieldType type, long bits) => type.IntegerOf(bits) > long.MaxValue;

    /// <summary>A value as a double, rounded to 53 bits.</summary>
    public static double DoubleOf(this FieldType type, long bits) => type.Unsigned ? (ulong)bits : bits;
}
