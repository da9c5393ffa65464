namespace Tikr.Storage.Timescale;

/// <summary>Who deletes what has expired.</summary>
public enum TimescaleRetention
{
    /// <summary>The database's retention policies where its licence has them, else the reaper.</summary>
    Auto,

    /// <summary>The reaper, whatever the licence.</summary>
    Reaper,
}

/// <summary>Settings of the store on PostgreSQL with TimescaleDB.</summary>
public sealed class TimescaleStoreOptions
{
    /// <summary>Npgsql connection string of the database.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>Schema that holds everything of this store; deployments that share a database have one each.</summary>
    public string Schema { get; set; } = "tikr";

    /// <summary>
    /// Whether a commit waits until it is on the database's disk (synchronous_commit). Off, a crash of the database loses the last moments
    /// of acknowledged ticks.
    /// </summary>
    public bool SynchronousCommit { get; set; } = true;

    /// <summary>How long raw ticks are kept, by event time: 1 h to 24 h.</summary>
    public TimeSpan TicksTtl { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long bars are kept, by bucket start: 1 h to 24 h.</summary>
    public TimeSpan BarsTtl { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Most bytes of raw ticks; the oldest go first. 0 is unlimited.</summary>
    public long TicksMaxBytes { get; set; }

    /// <summary>Most bytes of bars; the oldest go first. 0 is unlimited.</summary>
    public long BarsMaxBytes { get; set; }

    /// <summary>Who deletes what has expired.</summary>
    public TimescaleRetention Retention { get; set; }

    /// <summary>Whether old bars are compressed (columnstore); needs the community licence.</summary>
    public bool CompressBars { get; set; }

    /// <summary>Longest that one operation may take before it counts as failed.</summary>
    public TimeSpan OperationTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Most connections for commits, bars, keys and upkeep.</summary>
    public int WriteConnections { get; set; } = 8;

    /// <summary>Most connections for reads.</summary>
    public int ReadConnections { get; set; } = Math.Clamp(4 * Environment.ProcessorCount, 8, 32);
}
