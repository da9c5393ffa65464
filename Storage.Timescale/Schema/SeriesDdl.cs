using Tikr.Storage.Timescale.Catalog;

namespace Tikr.Storage.Timescale.Schema;

/// <summary>Creates and changes the tables of one series.</summary>
internal static class SeriesDdl
{
    /// <summary>
    /// Chunks are dropped whole before anything in them must be frozen: vacuuming them for their inserted rows is work for nothing.
    /// </summary>
    private const string NoInsertVacuum = "autovacuum_vacuum_insert_threshold = -1";

    /// <summary>Tables of keys and ticks, for a new series.</summary>
    public static string Create(StoredSeries record, string schema, TimeSpan chunk)
    {
        var names = new TableNames(schema, record.Id);
        var columns = string.Concat(record.Dimensions.Select(d => $", {Sql.Quote(d.Column)} text COLLATE \"C\" NOT NULL"));
        return $"""
            CREATE TABLE {names.Keys} (
                key_id bigint PRIMARY KEY, hash uuid NOT NULL UNIQUE, sort bytea NOT NULL, idle_since bigint NOT NULL DEFAULT 0{columns});
            CREATE INDEX ON {names.Keys} (sort);
            COMMENT ON TABLE {names.Keys} IS {Sql.Literal($"Keys of series '{record.Name}': number and dimension values")};
            CREATE TABLE {names.Ticks} (
                time timestamptz NOT NULL, grp bigint NOT NULL, min_ns bigint NOT NULL, flush bigint NOT NULL,
                epoch integer NOT NULL, ordinal integer NOT NULL,
                ticks smallint NOT NULL, block bytea NOT NULL) WITH (toast_tuple_target = 8160, {NoInsertVacuum});
            ALTER TABLE {names.Ticks} ALTER COLUMN block SET STORAGE EXTERNAL;
            SELECT create_hypertable({Sql.Literal(names.Ticks)}, by_range('time', {Sql.Interval(chunk)}), create_default_indexes => false);
            CREATE INDEX ON {names.Ticks} (grp, min_ns, epoch, flush, ordinal);
            COMMENT ON TABLE {names.Ticks} IS {Sql.Literal($"Raw ticks of series '{record.Name}', a packed block per row")};
            COMMENT ON COLUMN {names.Ticks}.time IS 'Least event time of the block, cut to the microsecond';
            COMMENT ON COLUMN {names.Ticks}.grp IS 'Number of the key, or -1 - group for a block that keys share';
            COMMENT ON COLUMN {names.Ticks}.min_ns IS 'Least event time of the block, Unix nanoseconds';
            COMMENT ON COLUMN {names.Ticks}.block IS 'Version 1: docs/tick-blocks.md';
            """;
    }

    /// <summary>The table of bars of a granularity.</summary>
    public static string CreateBars(StoredSeries record, string table, TimeSpan chunk) => $"""
        CREATE TABLE {table} (
            bucket timestamptz NOT NULL, key_id bigint NOT NULL, bucket_ns bigint NOT NULL, first_ns bigint NOT NULL,
            last_ns bigint NOT NULL,
            tick_count bigint NOT NULL, rev integer NOT NULL) WITH ({NoInsertVacuum});
        SELECT create_hypertable({Sql.Literal(table)}, by_range('bucket', {Sql.Interval(chunk)}), create_default_indexes => false);
        ALTER TABLE {table} ADD PRIMARY KEY (key_id, bucket);
        COMMENT ON TABLE {table} IS {Sql.Literal($"Bars of series '{record.Name}'")};
        COMMENT ON COLUMN {table}.bucket IS 'Start of the bucket, cut to the microsecond; bucket_ns is exact';
        COMMENT ON COLUMN {table}.rev IS 'Revision: 0 when first stored, one more for each change';
        """;

    /// <summary>A metric's column.</summary>
    public static string AddMetric(string table, MetricRecord metric)
    {
        var what = metric.Field is null ? metric.Aggregation : $"{metric.Aggregation} of {metric.Field}";
        return $"""
            ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {Sql.Quote(metric.Column)} {metric.Type.ColumnType()};
            COMMENT ON COLUMN {table}.{Sql.Quote(metric.Column)} IS {Sql.Literal($"{metric.Name}: {what}, {metric.Type.ColumnComment()}")};
            """;
    }
}
