namespace Tikr.Storage.Timescale;

/// <summary>Safe pieces of SQL text, and times as PostgreSQL has them.</summary>
internal static class Sql
{
    /// <summary>Longest identifier that PostgreSQL does not cut, in bytes.</summary>
    public const int MaxIdentifierBytes = 63;

    /// <summary>An identifier, quoted.</summary>
    public static string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A text literal.</summary>
    public static string Literal(string text) => text.Contains('\\', StringComparison.Ordinal)
        ? $"E'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'"
        : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>An interval literal, exact to the microsecond.</summary>
    public static string Interval(TimeSpan span) =>
        FormattableString.Invariant($"INTERVAL '{span.Ticks / TimeSpan.TicksPerMicrosecond} microseconds'");

    /// <summary>A timestamptz literal, cut to the microsecond.</summary>
    public static string TimeLiteral(long unixNs) =>
        FormattableString.Invariant($"timestamptz '{Time(unixNs):yyyy-MM-dd HH:mm:ss.ffffff}+00'");

    /// <summary>The microsecond that a time lies in; the timestamptz of partition columns.</summary>
    public static DateTime Time(long unixNs) => DateTime.UnixEpoch.AddTicks(unixNs / 1000 * TimeSpan.TicksPerMicrosecond);
}
