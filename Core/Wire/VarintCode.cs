using System.Numerics;

namespace Tikr.Core.Wire;

/// <summary>Protobuf's variable-length integers (protobuf.dev, "Encoding").</summary>
public static class VarintCode
{
    /// <summary>Longest form, in bytes.</summary>
    public const int MaxLength = 10;

    /// <summary>Bytes of the shortest form.</summary>
    public static int LengthOf(ulong value) => (70 - BitOperations.LeadingZeroCount(value | 1)) / 7;

    /// <summary>Fills the target; a form longer than the shortest is legal too.</summary>
    public static void Write(Span<byte> target, ulong value)
    {
        for (var i = 0; i < target.Length - 1; i++, value >>= 7) target[i] = (byte)(value | 0x80);
        target[^1] = (byte)value;
    }

    /// <summary>Writes the shortest form at the beginning of the target; returns its length.</summary>
    public static int WriteShortest(Span<byte> target, ulong value)
    {
        var length = LengthOf(value);
        Write(target[..length], value);
        return length;
    }
}
