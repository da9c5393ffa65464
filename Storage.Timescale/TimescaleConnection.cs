using System.Data.Common;
using Npgsql;

namespace Tikr.Storage.Timescale;

/// <summary>Checks a connection string before anything connects with it.</summary>
public static class TimescaleConnection
{
    private const string Example = "Give one such as 'Host=db;Username=tikr;Password=...;Database=tikr'.";

    /// <summary>Keywords that people write.</summary>
    private static readonly string[] Usual =
    [
        "Host", "Server", "Port", "Username", "User Id", "Password", "Passfile", "Database", "Search Path", "SSL Mode", "Root Certificate",
        "Timeout", "Command Timeout", "Pooling", "Maximum Pool Size", "Minimum Pool Size", "Application Name", "Options", "Encoding",
        "GSS Encryption Mode", "Include Error Detail", "Keepalive", "Target Session Attributes",
    ];

    /// <summary>
    /// What is wrong with a connection string, with the remedy; null if nothing is. Never quotes it: it may hold a password, and after a
    /// semicolon that should have been quoted even a keyword may be part of one. So only keywords near to a real one are named.
    /// </summary>
    public static string? ProblemOf(string text)
    {
        if (string.IsNullOrWhiteSpace(text)) return $"The connection string is empty. {Example}";
        var parts = new DbConnectionStringBuilder();
        try
        {
            parts.ConnectionString = text;
        }
        catch (ArgumentException)
        {
            return $"The connection string cannot be read: it must be keyword=value pairs separated by semicolons. {Example}";
        }

        var position = 0;
        foreach (string keyword in parts.Keys)
        {
            position++;
            if (ProblemOf(keyword, parts[keyword], position) is { } problem) return problem;
        }

        var host = new NpgsqlConnectionStringBuilder(text).Host;
        return string.IsNullOrEmpty(host) ? $"The connection string names no Host. {Example}" : null;
    }

    private static string? ProblemOf(string keyword, object value, int position)
    {
        var known = new NpgsqlConnectionStringBuilder();
        if (!known.ContainsKey(keyword))
        {
            var near = Usual.FirstOrDefault(other => IsNear(keyword, other));
            return near is null
                ? $"Keyword number {position} of the connection string is none of Npgsql's. "
                    + "Correct it; a value with a semicolon must stand in quotes."
                : $"The connection string has the keyword '{keyword}', which Npgsql does not know. Did you mean '{near}'?";
        }

        try
        {
            known[keyword] = value;
            return null;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException or InvalidCastException)
        {
            return $"The connection string's value of '{keyword}' is not one that Npgsql takes (it is not shown). Correct it.";
        }
    }

    /// <summary>Whether one is the other but for one letter too many, too few or wrong, or two of them in the wrong order.</summary>
    private static bool IsNear(string written, string meant)
    {
        var (a, b) = (written.ToUpperInvariant(), meant.ToUpperInvariant());
        if (Math.Abs(a.Length - b.Length) > 1) return false;
        var same = 0;
        while (same < Math.Min(a.Length, b.Length) && a[same] == b[same]) same++;
        return a.Length == b.Length
            ? a[Math.Min(same + 1, a.Length)..] == b[Math.Min(same + 1, b.Length)..] || AreSwapped(a, b, same)
            : a.Length < b.Length ? a[same..] == b[(same + 1)..] : a[(same + 1)..] == b[same..];
    }

    private static bool AreSwapped(string a, string b, int at) =>
        at + 1 < a.Length && a[at] == b[at + 1] && a[at + 1] == b[at] && a[(at + 2)..] == b[(at + 2)..];
}
