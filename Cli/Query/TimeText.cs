using System.Globalization;
using Tikr.Core.Configuration;
using Tikr.Core.Time;

namespace Tikr.Cli.Query;

/// <summary>Times as people write and read them.</summary>
internal static class TimeText
{
    /// <summary>Reads Unix nanoseconds, a date, now, or a Go duration before now (-5m).</summary>
    public static ulong Parse(string text, string option, DateTimeOffset at)
    {
        var now = at.ToUnixNanoseconds();
        if (text == "now") return (ulong)now;
        if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var nanoseconds)) return nanoseconds;
        if (text.StartsWith('-') && GoDuration.TryParse(text.AsSpan(1), out var before, out _)) return (ulong)Math.Max(now - before, 0);
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            && date >= DateTimeOffset.UnixEpoch)
            return (ulong)date.ToUnixNanoseconds();
        throw new CliException(
            $"{option} '{text}' is not a time: write Unix nanoseconds, a date such as 2026-01-31T09:30:00Z, now, or -5m");
    }

    /// <summary>ISO 8601 with as many decimals as the time has.</summary>
    public static string Format(ulong nanoseconds)
    {
        var seconds = DateTimeOffset.FromUnixTimeSeconds((long)(nanoseconds / 1_000_000_000))
            .ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
        var rest = nanoseconds % 1_000_000_000;
        return rest == 0 ? seconds + "Z" : $"{seconds}.{rest.ToString("000000000", CultureInfo.InvariantCulture).TrimEnd('0')}Z";
    }
}
