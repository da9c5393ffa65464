namespace Tikr.Storage.Timescale.Ticks;

/// <summary>Statements on the ticks of one series.</summary>
internal sealed class TickSql(string table)
{
    private const string Columns = "grp, min_ns, epoch, flush, ordinal, block";

    public string Table => table;

    public string Copy { get; } = $"COPY {table} (time, grp, min_ns, flush, epoch, ordinal, ticks, block) FROM STDIN (FORMAT BINARY)";

    /// <summary>First and last least time of all blocks; no row without any. Sorted by the partition column: a chunk for each.</summary>
    public string StoredTimes { get; } = $"""
        SELECT first.min_ns, last.min_ns FROM (SELECT min_ns FROM {table} ORDER BY time LIMIT 1) AS first,
            (SELECT min_ns FROM {table} ORDER BY time DESC LIMIT 1) AS last
        """;

    /// <summary>
    /// Blocks of one group by their least time: $1 group; $2, $3 first and last time of the partition column; $4, $5 least times from, to;
    /// $6..$9 the block before; $10 how many.
    /// </summary>
    public string OneGroup { get; } = $"""
        SELECT {Columns} FROM {table}
        WHERE grp = $1 AND time BETWEEN $2 AND $3 AND min_ns >= $4 AND min_ns < $5 AND (min_ns, epoch, flush, ordinal) > ($6, $7, $8, $9)
        ORDER BY min_ns, epoch, flush, ordinal LIMIT $10
        """;

    /// <summary>Blocks of several groups, group by group: $1 groups, $2..$5 as above, $6..$10 the block before, $11 how many.</summary>
    public string ManyGroups { get; } = $"""
        SELECT {Columns} FROM {table}
        WHERE grp = ANY ($1) AND time BETWEEN $2 AND $3 AND min_ns >= $4 AND min_ns < $5
            AND (grp, min_ns, epoch, flush, ordinal) > ($6, $7, $8, $9, $10)
        ORDER BY grp, min_ns, epoch, flush, ordinal LIMIT $11
        """;
}
