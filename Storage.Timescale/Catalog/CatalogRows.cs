using Npgsql;
using Tikr.Core.Specs;

namespace Tikr.Storage.Timescale.Catalog;

/// <summary>Reads and writes the tables that describe the series.</summary>
internal sealed class CatalogRows(NpgsqlConnection connection, string schema)
{
    public async Task<Dictionary<string, StoredSeries>> ReadAsync(CancellationToken stop)
    {
        var dimensions = (await connection.Command(
            $"SELECT series_id, name, column_name FROM {schema}.dimensions ORDER BY series_id, ordinal")
            .ListAsync(r => (Id: r.GetInt32(0), Row: new DimensionRecord(r.GetString(1), r.GetString(2))), stop).ConfigureAwait(false))
                .ToLookup(r => r.Id, r => r.Row);
        var fields = (await connection.Command($"SELECT series_id, id, name, is_unsigned FROM {schema}.fields ORDER BY series_id, id")
            .ListAsync(r => (Id: r.GetInt32(0), Row: ReadField(r)), stop)
                .ConfigureAwait(false)).ToLookup(r => r.Id, r => r.Row);
        var metrics = (await connection.Command(
            $"SELECT series_id, id, name, field, aggregation, is_unsigned, column_name FROM {schema}.metrics ORDER BY series_id, id")
            .ListAsync(r => (Id: r.GetInt32(0), Row: ReadMetric(r)), stop).ConfigureAwait(false)).ToLookup(r => r.Id, r => r.Row);
        var series = await connection.Command(
            $"SELECT id, name, rollup_ns, bar_definition, proven_from, rebuild_from, rebuild_below, rebuild_down_to FROM {schema}.series")
            .ListAsync(ReadSeries, stop).ConfigureAwait(false);
        return series.ToDictionary(
            s => s.Name, s => s with { Dimensions = [.. dimensions[s.Id]], Fields = [.. fields[s.Id]], Metrics = [.. metrics[s.Id]] },
                StringComparer.Ordinal);
    }

    /// <summary>Rollups that the series has tables of bars for.</summary>
    public async Task<HashSet<(int SeriesId, long RollupNs)>> ReadBarTablesAsync(CancellationToken stop) =>
        [.. await connection.Command($"SELECT series_id, rollup_ns FROM {schema}.bar_tables")
            .ListAsync(r => (r.GetInt32(0), r.GetInt64(1)), stop).ConfigureAwait(false)];

    public async Task AddSeriesAsync(StoredSeries record, CancellationToken stop)
    {
        await connection.Command($"INSERT INTO {schema}.series (id, name, rollup_ns, bar_definition) VALUES ($1, $2, $3, $4)")
            .With(record.Id).With(record.Name).With(record.RollupNs).With(record.BarDefinition).RunAsync(stop).ConfigureAwait(false);
        for (var i = 0; i < record.Dimensions.Count; i++)
        {
            await connection.Command($"INSERT INTO {schema}.dimensions (series_id, ordinal, name, column_name) VALUES ($1, $2, $3, $4)")
                .With(record.Id).With(i).With(record.Dimensions[i].Name)
                    .With(record.Dimensions[i].Column).RunAsync(stop).ConfigureAwait(false);
        }
    }

    /// <summary>Saves a changed bar definition with what it leaves to do.</summary>
    public Task SetDefinitionAsync(StoredSeries record, CancellationToken stop) =>
        connection.Command($"""
            UPDATE {schema}.series SET rollup_ns = $2, bar_definition = $3, proven_from = $4, rebuild_from = $5, rebuild_below = $6,
                rebuild_down_to = $7
            WHERE id = $1
            """)
            .With(record.Id).With(record.RollupNs).With(record.BarDefinition).With(record.Rebuild.ProvenFrom).With(record.Rebuild.From)
            .With(record.Rebuild.Below).With(record.Rebuild.DownTo).RunAsync(stop);

    /// <summary>Saves how far a rebuild has come, unless the definition has changed once more meanwhile.</summary>
    public Task SaveRebuildAsync(int seriesId, Rebuild rebuild, CancellationToken stop) =>
        connection.Command($"UPDATE {schema}.series SET rebuild_from = $3, rebuild_below = $4 WHERE id = $1 AND proven_from = $2")
            .With(seriesId).With(rebuild.ProvenFrom).With(rebuild.From).With(rebuild.Below).RunAsync(stop);

    public Task AddFieldAsync(int seriesId, FieldRecord field, CancellationToken stop) =>
        connection.Command($"INSERT INTO {schema}.fields (series_id, id, name, is_unsigned) VALUES ($1, $2, $3, $4)")
            .With(seriesId).With(field.Id).With(field.Name).With(field.Type.Unsigned).RunAsync(stop);

    public Task AddMetricAsync(int seriesId, MetricRecord metric, CancellationToken stop) =>
        connection.Command($"INSERT INTO {schema}.metrics (series_id, id, name, field, "
            + $"aggregation, is_unsigned, column_name) VALUES ($1, $2, $3, $4, $5, $6, $7)")
            .With(seriesId).With(metric.Id).With(metric.Name).With(metric.Field)
                .With(metric.Aggregation).With(metric.Type.Unsigned).With(metric.Column).RunAsync(stop);

    public Task AddBarTableAsync(int seriesId, long rollupNs, string table, CancellationToken stop) =>
        connection.Command($"INSERT INTO {schema}.bar_tables (series_id, rollup_ns, table_name) VALUES ($1, $2, $3)")
            .With(seriesId).With(rollupNs).With(table).RunAsync(stop);

    private static StoredSeries ReadSeries(NpgsqlDataReader r) => new(r.GetInt32(0), r.GetString(1))
    {
        RollupNs = r.GetInt64(2),
        BarDefinition = r.GetString(3),
        Rebuild = new Rebuild(r.GetInt64(4), r.GetInt64(5), r.GetInt64(6), r.GetInt64(7)),
    };

    private static FieldRecord ReadField(NpgsqlDataReader r) => new(r.GetInt32(1), r.GetString(2), new FieldType(r.GetBoolean(3)));

    private static MetricRecord ReadMetric(NpgsqlDataReader r) => new(
        r.GetInt32(1), r.GetString(2), r.IsDBNull(3) ? null : r.GetString(3), r.GetString(4),
        new FieldType(r.GetBoolean(5)), r.GetString(6));
}
