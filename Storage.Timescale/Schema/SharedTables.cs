namespace Tikr.Storage.Timescale.Schema;

/// <summary>The tables that all series share.</summary>
internal static class SharedTables
{
    /// <summary>Version of everything in the schema.</summary>
    public const int Format = 3;

    /// <summary>Creates what is not there yet. <paramref name="schema"/> is quoted.</summary>
    public static string Create(string schema) => $"""
        CREATE SCHEMA IF NOT EXISTS {schema};
        CREATE TABLE IF NOT EXISTS {schema}.state (
            only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
            format integer NOT NULL,
            epoch integer NOT NULL DEFAULT 0,
            complete_from bigint NOT NULL DEFAULT 0,
            bars_cutoff bigint NOT NULL DEFAULT 0,
            reaper_clock text,
            clock_step_confirmed boolean NOT NULL DEFAULT false);
        COMMENT ON TABLE {schema}.state IS 'One row: format, last gateway epoch, time from which ticks are complete, '
            'time before which bars are deleted (Unix nanoseconds)';
        INSERT INTO {schema}.state (format) VALUES ({Format}) ON CONFLICT DO NOTHING;
        CREATE TABLE IF NOT EXISTS {schema}.series (
            id integer PRIMARY KEY CHECK (id BETWEEN 1 AND 65535),
            name text COLLATE "C" NOT NULL UNIQUE,
            rollup_ns bigint NOT NULL,
            next_key bigint NOT NULL DEFAULT 1,
            key_count bigint NOT NULL DEFAULT 0);
        ALTER TABLE {schema}.series
            ADD COLUMN IF NOT EXISTS bar_definition text NOT NULL DEFAULT '',
            ADD COLUMN IF NOT EXISTS proven_from bigint NOT NULL DEFAULT 0,
            ADD COLUMN IF NOT EXISTS rebuild_from bigint NOT NULL DEFAULT 0,
            ADD COLUMN IF NOT EXISTS rebuild_below bigint NOT NULL DEFAULT 0,
            ADD COLUMN IF NOT EXISTS rebuild_down_to bigint NOT NULL DEFAULT 0;
        COMMENT ON TABLE {schema}.series IS 'Series by number; their tables are ticks_<id>, keys_<id> and those of bar_tables';
        CREATE TABLE IF NOT EXISTS {schema}.dimensions (
            series_id integer NOT NULL, ordinal integer NOT NULL, name text NOT NULL, column_name text NOT NULL,
            PRIMARY KEY (series_id, ordinal));
        COMMENT ON TABLE {schema}.dimensions IS 'Dimensions of each series and their columns in keys_<id>';
        CREATE TABLE IF NOT EXISTS {schema}.fields (
            series_id integer NOT NULL, id integer NOT NULL, name text NOT NULL, is_unsigned boolean NOT NULL, PRIMARY KEY (series_id, id));
        COMMENT ON TABLE {schema}.fields IS 'Every field that a series ever had; tick blocks name their columns by id';
        CREATE TABLE IF NOT EXISTS {schema}.metrics (
            series_id integer NOT NULL, id integer NOT NULL, name text NOT NULL, field text, aggregation text NOT NULL,
            is_unsigned boolean NOT NULL,
            column_name text NOT NULL, PRIMARY KEY (series_id, id));
        COMMENT ON TABLE {schema}.metrics IS 'Every metric that a series ever had and its column in the tables of bars';
        CREATE TABLE IF NOT EXISTS {schema}.bar_tables (
            series_id integer NOT NULL, rollup_ns bigint NOT NULL, table_name text NOT NULL, PRIMARY KEY (series_id, rollup_ns));
        COMMENT ON TABLE {schema}.bar_tables IS 'Tables of bars, one for each granularity that a series ever had';
        CREATE TABLE IF NOT EXISTS {schema}.incarnations (
            id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text COLLATE "C" NOT NULL UNIQUE,
            silo text NOT NULL, spec_hash text NOT NULL, sealed boolean NOT NULL DEFAULT false, settled timestamptz,
            marks_seen bigint NOT NULL DEFAULT 0);
        COMMENT ON TABLE {schema}.incarnations IS 'Lives of silos: what a sealed one writes is refused; '
            'settled: since when no manifest of it is left; marks_seen: up to which mark of idle keys it has looked';
        CREATE TABLE IF NOT EXISTS {schema}.epochs (epoch integer PRIMARY KEY, incarnation integer NOT NULL);
        CREATE INDEX IF NOT EXISTS epochs_incarnation ON {schema}.epochs (incarnation);
        COMMENT ON TABLE {schema}.epochs IS 'Whose each epoch is';
        CREATE TABLE IF NOT EXISTS {schema}.flush_ledger (epoch integer NOT NULL, flush bigint NOT NULL, PRIMARY KEY (epoch, flush));
        COMMENT ON TABLE {schema}.flush_ledger IS 'Committed flushes; retired ones but the last of each epoch are removed';
        CREATE TABLE IF NOT EXISTS {schema}.manifests (
            epoch integer NOT NULL, flush bigint NOT NULL, pairs bytea NOT NULL,
            pair_series integer[] NOT NULL, pair_least bigint[] NOT NULL,
            size_series integer[] NOT NULL, size_windows bigint[] NOT NULL, size_bytes bigint[] NOT NULL, PRIMARY KEY (epoch, flush));
        ALTER TABLE {schema}.manifests ALTER COLUMN pairs SET STORAGE EXTERNAL;
        COMMENT ON TABLE {schema}.manifests IS 'Flushes whose (key, bucket) pairs are not all covered by stored bars, '
            'with the bytes they brought by window of event time';
        CREATE TABLE IF NOT EXISTS {schema}.chunks (
            chunk text PRIMARY KEY, of_table text NOT NULL, is_ticks boolean NOT NULL, end_ns bigint NOT NULL);
        COMMENT ON TABLE {schema}.chunks IS 'Chunks of ticks and bars, recorded when they begin: what is gone was dropped';
        CREATE TABLE IF NOT EXISTS {schema}.tick_sizes (
            window_ns bigint NOT NULL, series_id integer NOT NULL, bytes bigint NOT NULL, PRIMARY KEY (window_ns, series_id));
        COMMENT ON TABLE {schema}.tick_sizes IS 'Bytes of ticks of retired flushes by window of event time';
        CREATE TABLE IF NOT EXISTS {schema}.outbox (
            partition integer NOT NULL, id bigint GENERATED ALWAYS AS IDENTITY, series_id integer NOT NULL,
            rollup_ns bigint NOT NULL, key_id bigint NOT NULL,
            bucket_ns bigint NOT NULL, bar bytea NOT NULL, PRIMARY KEY (partition, id));
        COMMENT ON TABLE {schema}.outbox IS 'Bars and late ticks waiting to be published';
        CREATE TABLE IF NOT EXISTS {schema}.outbox_senders (owner text PRIMARY KEY, expires timestamptz NOT NULL);
        ALTER TABLE {schema}.outbox_senders ADD COLUMN IF NOT EXISTS incarnation integer;
        CREATE TABLE IF NOT EXISTS {schema}.outbox_leases (partition integer PRIMARY KEY, owner text NOT NULL);
        COMMENT ON TABLE {schema}.outbox_leases IS 'Which silo (see outbox_senders) sends which partition of the outbox';
        CREATE TABLE IF NOT EXISTS {schema}.leases (name text PRIMARY KEY, incarnation integer NOT NULL);
        COMMENT ON TABLE {schema}.leases IS 'What one silo does for all, and which incarnation: until it is sealed';
        """;
}
