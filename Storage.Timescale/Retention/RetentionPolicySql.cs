namespace Tikr.Storage.Timescale.Retention;

/// <summary>What a table of ticks or bars should have.</summary>
/// <param name="Table">The table, quoted, with its schema.</param>
/// <param name="Ttl">How long its rows are kept.</param>
/// <param name="Trail">What deleting trails the TTL by, so that nothing under way lands behind it.</param>
/// <param name="CompressAfter">Age from which its chunks are compressed; null for never.</param>
internal sealed record RetentionTarget(string Table, TimeSpan Ttl, TimeSpan Trail, TimeSpan? CompressAfter = null)
{
    public ChunkPlan Plan => ChunkPlan.For(Ttl);
}

/// <summary>What the table has; null for a policy that is not there.</summary>
/// <param name="Chunk">Event time that a new chunk holds.</param>
/// <param name="DropAfter">Age from which the retention policy drops chunks.</param>
/// <param name="DropSchedule">Between two runs of it.</param>
/// <param name="CompressAfter">Age from which the compression policy compresses chunks.</param>
/// <param name="CanCompress">Whether the table knows how its chunks are compressed; some may be.</param>
internal sealed record InstalledRetention(
    TimeSpan Chunk, TimeSpan? DropAfter, TimeSpan? DropSchedule, TimeSpan? CompressAfter, bool CanCompress = false);

/// <summary>
/// The statements that give a table its chunk interval and its policies: the one place that tells the licences apart. Policies exist under
/// the community licence only; elsewhere the reaper drops chunks.
/// </summary>
internal static class RetentionPolicySql
{
    /// <summary>The licence under which TimescaleDB has policies and compression.</summary>
    public const string Community = "timescale";

    /// <summary>Whether the database expires data itself.</summary>
    public static bool IsNative(string licence, TimescaleRetention wanted) => licence == Community && wanted == TimescaleRetention.Auto;

    /// <summary>What has to be run, in order; nothing where all is as it should be.</summary>
    public static IEnumerable<string> Changes(
        string licence, TimescaleRetention wanted, RetentionTarget target, InstalledRetention installed)
    {
        var table = Sql.Literal(target.Table);
        if (installed.Chunk != target.Plan.Chunk)
            yield return $"SELECT set_chunk_time_interval({table}, {Sql.Interval(target.Plan.Chunk)})";
        if (licence != Community) yield break;

        TimeSpan? dropAfter = IsNative(licence, wanted) ? target.Ttl + target.Trail : null;
        TimeSpan? schedule = dropAfter is null ? null : target.Plan.Schedule;
        if (installed.DropAfter != dropAfter || installed.DropSchedule != schedule)
        {
            if (installed.DropAfter is not null) yield return $"SELECT remove_retention_policy({table})";
            if (dropAfter is { } after)
                yield return $"SELECT add_retention_policy({table}, drop_after => "
                + $"{Sql.Interval(after)}, schedule_interval => {Sql.Interval(target.Plan.Schedule)})";
        }

        if (installed.CompressAfter == target.CompressAfter) yield break;
        if (installed.CompressAfter is not null) yield return $"SELECT remove_compression_policy({table})";
        if (target.CompressAfter is not { } age) yield break;

        // Versions before 2.14 refuse this, even unchanged, once a chunk is compressed.
        if (!installed.CanCompress)
            yield return $"ALTER TABLE {target.Table} SET (timescaledb.compress, "
                + $"timescaledb.compress_segmentby = 'key_id', timescaledb.compress_orderby = 'bucket')";
        yield return $"SELECT add_compression_policy({table}, compress_after => "
            + $"{Sql.Interval(age)}, schedule_interval => {Sql.Interval(target.Plan.Chunk)})";
    }
}
