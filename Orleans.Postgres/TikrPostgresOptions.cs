namespace Tikr.Orleans.Postgres;

/// <summary>How Orleans uses the database.</summary>
public sealed class TikrPostgresOptions
{
    /// <summary>Where the database is and as whom to use it, as Npgsql reads it.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>Most connections that clustering and grain storage hold, together.</summary>
    public int MaxConnections { get; set; } = 16;

    /// <summary>How long a silo that starts waits for a server that does not answer yet: 30 s.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// After how long a silo counts as dead whose heartbeat in the membership table stands still: 7 s. The same for all silos.
    /// </summary>
    public TimeSpan HeartbeatTimeout { get; set; } = TimeSpan.FromSeconds(7);
}
