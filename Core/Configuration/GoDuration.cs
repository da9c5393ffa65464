using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Tikr.Core.Configuration;

/// <summary>
/// Durations in the grammar of Go's <c>time.ParseDuration</c>: an optional sign and decimal numbers each with a unit, such as
/// <c>1h30m</c>, <c>200ms</c> or <c>-1.5s</c>; a bare <c>0</c> needs no unit. Configuration files of the Go server mean the same here.
/// </summary>
public static class GoDuration
{
    /// <summary>The units, largest first.</summary>
    public const string Units = "h, m, s, ms, us, ns";

    private static readonly SearchValues<char> NumberStarts = SearchValues.Create("0123456789.");

    private const ulong Limit = 1UL << 63;

    /// <summary>Reads a duration.</summary>
    /// <param name="text">The text.</param>
    /// <param name="nanoseconds">The duration in nanoseconds.</param>
    /// <param name="problem">What is wrong with the text, as the end of the sentence "the duration ...".</param>
    public static bool TryParse(ReadOnlySpan<char> text, out long nanoseconds, [NotNullWhen(false)] out string? problem)
    {
        nanoseconds = 0;
        var negative = text.StartsWith('-');
        var rest = negative || text.StartsWith('+') ? text[1..] : text;
        if (rest is "0")
        {
            problem = null;
            return true;
        }

        problem = rest.IsEmpty ? "has no number" : null;
        ulong total = 0;
        while (problem is null && !rest.IsEmpty) problem = TakeTerm(ref rest, ref total);
        if (problem is null && total == Limit && !negative) problem = TooLong;
        if (problem is not null) return false;
        nanoseconds = negative ? unchecked(-(long)total) : (long)total;
        return true;
    }

    /// <summary>Writes a duration as Go does: <c>1h30m0s</c>, <c>1.5s</c>, <c>200ms</c>, <c>0s</c>.</summary>
    public static string Format(long nanoseconds)
    {
        var sign = nanoseconds < 0 ? "-" : "";
        var value = nanoseconds < 0 ? unchecked((ulong)-nanoseconds) : (ulong)nanoseconds;
        if (value == 0) return "0s";
        if (value < 1_000) return $"{sign}{value}ns";
        if (value < 1_000_000) return $"{sign}{Decimal(value, 1_000)}µs";
        if (value < 1_000_000_000) return $"{sign}{Decimal(value, 1_000_000)}ms";
        const ulong minute = 60_000_000_000;
        var seconds = Decimal(value % minute, 1_000_000_000) + "s";
        var minutes = value / minute;
        return minutes switch
        {
            0 => sign + seconds,
            < 60 => string.Create(CultureInfo.InvariantCulture, $"{sign}{minutes}m{seconds}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{sign}{minutes / 60}h{minutes % 60}m{seconds}"),
        };
    }

    private const string TooLong = "is longer than a 64-bit count of nanoseconds (about 292 years)";

    private static string? TakeTerm(ref ReadOnlySpan<char> rest, ref ulong total)
    {
        var digits = CountDigits(rest);
        var whole = rest[..digits];
        rest = rest[digits..];
        ReadOnlySpan<char> fraction = default;
        if (rest.StartsWith('.'))
        {
            fraction = rest.Slice(1, CountDigits(rest[1..]));
            rest = rest[(1 + fraction.Length)..];
        }

        if (whole.IsEmpty && fraction.IsEmpty) return "has a unit or a sign where a number belongs";
        var end = rest.IndexOfAny(NumberStarts);
        var unitText = end < 0 ? rest : rest[..end];
        rest = rest[unitText.Length..];
        if (unitText.IsEmpty) return "has a number without a unit";
        var unit = UnitOf(unitText);
        if (unit == 0) return $"has the unknown unit '{unitText}'";

        ulong count = 0;
        if (!whole.IsEmpty && !ulong.TryParse(whole, NumberStyles.None, CultureInfo.InvariantCulture, out count)) return TooLong;
        if (count > Limit / unit) return TooLong;
        var term = (count * unit) + FractionOf(fraction, unit);
        if (term > Limit - total) return TooLong;
        total += term;
        return null;
    }

    private static int CountDigits(ReadOnlySpan<char> text)
    {
        var other = text.IndexOfAnyExceptInRange('0', '9');
        return other < 0 ? text.Length : other;
    }

    private static ulong UnitOf(ReadOnlySpan<char> text) => text switch
    {
        "ns" => 1,
        "us" or "µs" or "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => 0,
    };

    // Go multiplies the digits as a float64, which rounds 0.3333333333333333333h to twenty minutes; so does this.
    private static ulong FractionOf(ReadOnlySpan<char> digits, ulong unit)
    {
        ulong value = 0;
        var scale = 1.0;
        foreach (var digit in digits)
        {
            if (value > (Limit - 1) / 10) break;
            var next = (value * 10) + (ulong)(digit - '0');
            if (next > Limit) break;
            value = next;
            scale *= 10;
        }

        return (ulong)(value * (unit / scale));
    }

    private static string Decimal(ulong value, ulong unit)
    {
        var fraction = value % unit;
        var whole = (value / unit).ToString(CultureInfo.InvariantCulture);
        if (fraction == 0) return whole;
        var digits = (unit + fraction).ToString(CultureInfo.InvariantCulture)[1..].TrimEnd('0');
        return $"{whole}.{digits}";
    }
}
