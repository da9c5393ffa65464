namespace Tikr.Storage.Timescale.Schema.Views;

/// <summary>The tables that views rest on and are remembered in.</summary>
internal static class ViewTables
{
    /// <summary>Creates what is not there yet. <paramref name="schema"/> is quoted.</summary>
    public static string Create(string schema) => $"""
        CREATE TABLE IF NOT EXISTS {schema}.view_settings (
            only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), ticks_ttl_ns bigint NOT NULL, bars_ttl_ns bigint NOT NULL);
        COMMENT ON TABLE {schema}.view_settings IS 'One row: the TTLs that views filter by';
        CREATE TABLE IF NOT EXISTS {schema}.view_series (series_id integer PRIMARY KEY, fingerprint text NOT NULL);
        COMMENT ON TABLE {schema}.view_series IS 'Hash of the SQL that made the views of each series';
        CREATE TABLE IF NOT EXISTS {schema}.view_objects (
            series_id integer NOT NULL, kind text NOT NULL, rollup_ns bigint NOT NULL, name text NOT NULL,
            PRIMARY KEY (series_id, kind, rollup_ns));
        COMMENT ON TABLE {schema}.view_objects IS 'Names of views and functions for people, by series, kind and granularity';
        """;

    /// <summary>Sets the TTLs: $1 of ticks, $2 of bars.</summary>
    public static string SetTtl(string schema) => $"""
        INSERT INTO {schema}.view_settings AS v (ticks_ttl_ns, bars_ttl_ns) VALUES ($1, $2)
        ON CONFLICT (only_row) DO UPDATE SET ticks_ttl_ns = excluded.ticks_ttl_ns, bars_ttl_ns = excluded.bars_ttl_ns
        WHERE (v.ticks_ttl_ns, v.bars_ttl_ns) <> (excluded.ticks_ttl_ns, excluded.bars_ttl_ns)
        """;
}
