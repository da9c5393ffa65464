using System.Globalization;

namespace Tikr.Storage.Timescale.Bars;

/// <summary>Statements on the bars of one series and granularity.</summary>
/// <param name="table">The table.</param>
/// <param name="metrics">Columns of the metrics of the model, in its order, quoted.</param>
internal sealed class BarSql(string table, string[] metrics)
{
    /// <summary>Bars of one page of a read.</summary>
    public const int PageBars = 4096;

    /// <summary>Columns before those of the metrics.</summary>
    public const int FixedColumns = 7;

    private readonly string _metrics = string.Concat(metrics.Select(m => ", " + m));
    private readonly string _read = string.Concat(metrics.Select(m => ", b." + m));

    public string Table => table;

    public int Metrics => metrics.Length;

    public int Columns => FixedColumns + metrics.Length;

    public string Copy =>
        field ??= $"COPY {table} (bucket, key_id, bucket_ns, first_ns, last_ns, tick_count, rev{_metrics}) FROM STDIN (FORMAT BINARY)";

    /// <summary>Adds bars that are not there: arrays of all columns. Those that are there after all are left out.</summary>
    public string Insert => field ??=
        $"INSERT INTO {table} (bucket, key_id, bucket_ns, first_ns, last_ns, tick_count, "
            + $"rev{_metrics}) SELECT * FROM {Arrays} ON CONFLICT (key_id, bucket) DO NOTHING";

    /// <summary>
    /// Changes stored bars: arrays of all columns, then how much greater the new revision is. Those of another revision are left alone.
    /// </summary>
    public string Update
    {
        get
        {
            if (field is not null) return field;
            var step = string.Create(CultureInfo.InvariantCulture, $"${Columns + 1}");
            var sets = string.Concat(metrics.Select(m => $", {m} = excluded.{m}"));
            return field = $"""
                INSERT INTO {table} AS b (bucket, key_id, bucket_ns, first_ns, last_ns, tick_count, rev{_metrics}) SELECT * FROM {Arrays}
                ON CONFLICT (key_id, bucket) DO UPDATE SET
                    first_ns = excluded.first_ns, last_ns = excluded.last_ns, tick_count = excluded.tick_count, rev = excluded.rev{sets}
                WHERE b.rev = excluded.rev - {step}
                """;
        }
    }

    /// <summary>One bar: $1 key, $2 bucket.</summary>
    public string Find => field ??= $"SELECT {Read} FROM {table} AS b WHERE b.key_id = $1 AND b.bucket = $2";

    /// <summary>
    /// Several bars: $1 keys, $2 buckets, $3, $4 least and greatest bucket. One look-up per bucket, whatever the planner believes of a
    /// chunk that has filled since it was last analysed.
    /// </summary>
    public string FindMany => field ??= $"""
        SELECT s.* FROM unnest($1::bigint[], $2::timestamptz[]) AS k (key_id, bucket)
        CROSS JOIN LATERAL (
            SELECT {Read} FROM {table} AS b WHERE b.key_id = k.key_id AND b.bucket = k.bucket AND b.bucket BETWEEN $3 AND $4 OFFSET 0) AS s
        """;

    /// <summary>Bars of several keys: $1 keys, $2, $3 buckets from, to.</summary>
    public string RangeOfMany => field ??= $"SELECT {Read} FROM {table} AS b WHERE b.key_id = ANY ($1) AND b.bucket BETWEEN $2 AND $3";

    /// <summary>Bars of a key by bucket: $1 key, $2, $3 buckets from, to.</summary>
    public string Range => field ??=
        string.Create(CultureInfo.InvariantCulture,
            $"SELECT {Read} FROM {table} AS b WHERE b.key_id = $1 AND b.bucket BETWEEN $2 AND $3 ORDER BY b.bucket LIMIT {PageBars}");

    private string Read => $"b.key_id, b.bucket_ns, b.first_ns, b.last_ns, b.tick_count, b.rev{_read}";

    private string Arrays
    {
        get
        {
            var more = string.Concat(Enumerable.Range(FixedColumns + 1, metrics.Length)
                .Select(n => string.Create(CultureInfo.InvariantCulture, $", ${n}::bigint[]")));
            return $"unnest($1::timestamptz[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::integer[]{more})";
        }
    }
}
