namespace Tikr.Storage.Timescale.Schema.Views;

/// <summary>
/// The exact filter of the TTL: times before which nothing is visible, as the store's own reads have them, by the database's clock when the
/// statement began. The TTLs stand in a row, so that views of series that are no longer configured follow a shorter one too. The row is
/// read once per statement. Chunks are left out by a condition with the TTL in the text of the view, which the planner can work with before
/// it has read anything.
/// </summary>
internal static class Expiry
{
    private const string NowNs = "(extract(epoch FROM statement_timestamp()) * 1000000)::bigint * 1000";

    /// <summary>Least event time of visible ticks, Unix nanoseconds.</summary>
    public static string TicksNs(string schema) => $"(SELECT {NowNs} - ticks_ttl_ns FROM {schema}.view_settings)";

    /// <summary>Least bucket of visible bars, Unix nanoseconds.</summary>
    public static string BarsNs(string schema) =>
        $"(SELECT greatest({NowNs} - ttl.bars_ttl_ns, s.bars_cutoff) FROM {schema}.view_settings AS ttl, {schema}.state AS s)";

    /// <summary>Leaves out chunks of rows that are older: TimescaleDB knows now(), which is not after the statement began.</summary>
    public static string Chunks(string column, TimeSpan ttl) => $"{column} >= now() - {Sql.Interval(ttl + TimeSpan.FromMicroseconds(1))}";

    /// <summary>The microsecond that a time lies in.</summary>
    public static string Time(string ns) => $"'epoch'::timestamptz + ({ns} / 1000) * interval '1 microsecond'";
}
