using System.Data.Common;

namespace Tikr.Core.Configuration;

/// <summary>The database of the timescale store.</summary>
public sealed record TimescaleSettings
{
    /// <summary>
    /// Where the database is and as whom to use it, as Npgsql reads it. It may hold a password: say <see cref="Place"/> to people.
    /// </summary>
    public string ConnectionString { get; init; } = "";

    /// <summary>Whether bars past the lateness window are compressed; the community licence only.</summary>
    public bool CompressBars { get; init; }

    /// <summary>Server and database, without user and password.</summary>
    public string Place => ValueReaders.TryReadConnection(ConnectionString, out var parts)
        ? $"{Part(parts, "host", "server")}:{Part(parts, "port") ?? "5432"}/{Part(parts, "database", "db") ?? "the user's own"}"
        : "";

    /// <summary>Leaves the secret out, wherever a configuration is printed.</summary>
    public override string ToString() => $"{nameof(TimescaleSettings)} {{ {Place} }}";

    private static string? Part(DbConnectionStringBuilder parts, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (parts.TryGetValue(name, out var value)) return (string)value;
        }

        return null;
    }
}
