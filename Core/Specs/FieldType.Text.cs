using System.Buffers;
using System.Buffers.Text;

namespace Tikr.Core.Specs;

// Values as text.
public readonly partial record struct FieldType
{
    /// <summary>Bytes of the longest text of a value: a sign, 20 digits and a decimal point.</summary>
    public const int MaxTextLength = 22;

    /// <summary>Writes a value as exact decimal text; answers its length.</summary>
    /// <param name="bits">The value.</param>
    /// <param name="utf8">At least <see cref="MaxTextLength"/> bytes.</param>
    public int Format(long bits, Span<byte> utf8)
    {
        var isNegative = !Unsigned && bits < 0;
        var magnitude = (ulong)(isNegative ? unchecked(-bits) : bits);
        var at = 0;
        if (isNegative) utf8[at++] = (byte)'-';
        Utf8Formatter.TryFormat(magnitude, utf8[at..], out var digits, new StandardFormat('D', (byte)(Decimals + 1)));
        at += digits;
        if (Decimals == 0) return at;

        var point = at - Decimals;
        utf8[point..at].CopyTo(utf8[(point + 1)..]);
        utf8[point] = (byte)'.';
        return at + 1;
    }
}
