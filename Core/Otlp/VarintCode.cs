using System.Numerics;

namespace Tikr.Core.Otlp;

/// <summary>Protobuf's variable-length integers.</summary>
internal static class VarintCode
{
    public const int MaxLength = 10;

    /// <summary>Bytes of the shortest form.</summary>
    public static int LengthOf(ulong value) => (70 - BitOperations.LeadingZeroCount(value | 1)) / 7;

    /// <summary>Fills the target; a form longer than the shortest is legal too.</summary>
    public static void Write(Span<byte> target, ulong value)
    {
        for (var i = 0; i < target.Length - 1; i++, value >>= 7) target[i] = (byte)(value | 0x80);
        target[^1] = (byte)value;
    }
}
