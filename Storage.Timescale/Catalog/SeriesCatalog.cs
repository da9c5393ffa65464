using System.Collections.Concurrent;
using Npgsql;
using Tikr.Core.Rollup;
using Tikr.Core.Time;
using Tikr.Storage.Timescale.Retention;
using Tikr.Storage.Timescale.Schema;
using Tikr.Storage.Timescale.Schema.Views;
using Tikr.Storage.Timescale.Ticks;

namespace Tikr.Storage.Timescale.Catalog;

/// <summary>
/// Series by name, with numbers for series, fields and metrics that are never used again for others. Opening creates and changes their
/// tables, all in one transaction that only one silo runs at a time.
/// </summary>
internal sealed class SeriesCatalog(
    TimescaleDatabase database, SeriesRegistry registry, StoreState state, RetentionSetup retention, SqlViews views, ChunkRecords records)
    : ISeriesCatalog, IRebuildStore
{
    private readonly ConcurrentDictionary<ushort, Rebuild> _rebuilds = [];

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Series>> OpenAsync(IReadOnlyList<SeriesModel> models, CancellationToken cancellation)
    {
        await SchemaSetup.EnsureExtensionAsync(database, cancellation).ConfigureAwait(false);
        var opened = await database.MaintainAsync(
            "prepare the schema", (connection, stop) => OpenAsync(connection, models, stop), cancellation).ConfigureAwait(false);
        await views.ApplyAsync(opened, cancellation).ConfigureAwait(false);
        registry.Publish(opened);
        foreach (var series in opened) _rebuilds[series.Series.Id] = series.Record.Rebuild;
        await records.NoteGoneAsync(cancellation).ConfigureAwait(false);
        await state.LoadAsync(cancellation).ConfigureAwait(false);
        return [.. opened.Select(series => series.Series)];
    }

    /// <inheritdoc/>
    public Rebuild RebuildOf(Series series) => _rebuilds.GetValueOrDefault(series.Id);

    /// <inheritdoc/>
    public async ValueTask SaveAsync(Series series, Rebuild rebuild, CancellationToken cancellation)
    {
        await database.WriteAsync("save how far a rebuild has come", async (connection, stop) =>
        {
            await new CatalogRows(connection, database.Schema).SaveRebuildAsync(series.Id, rebuild, stop).ConfigureAwait(false);
            return true;
        }, cancellation).ConfigureAwait(false);
        _rebuilds[series.Id] = rebuild;
    }

    private async Task<List<TimescaleSeries>> OpenAsync(
        NpgsqlConnection connection, IReadOnlyList<SeriesModel> models, CancellationToken stop)
    {
        var transaction = await SchemaSetup.BeginAsync(database, connection, stop).ConfigureAwait(false);
        await using var transactionEnd = transaction.ConfigureAwait(false);
        await SchemaSetup.CreateSharedAsync(database, connection, stop).ConfigureAwait(false);
        var rows = new CatalogRows(connection, database.Schema);
        var stored = await rows.ReadAsync(stop).ConfigureAwait(false);
        List<string> refusals = [];
        foreach (var model in models)
        {
            if (stored.TryGetValue(model.Name, out var known)) CheckCompatible(model, known, refusals);
        }

        if (refusals.Count > 0) throw Errors.SpecsRefused(database.Options.Schema, refusals);
        var barTables = await rows.ReadBarTablesAsync(stop).ConfigureAwait(false);
        var nextId = stored.Values.Select(s => s.Id).DefaultIfEmpty(0).Max() + 1;
        List<TimescaleSeries> opened = [];
        foreach (var model in models)
        {
            if (!stored.TryGetValue(model.Name, out var record))
                record = await CreateAsync(connection, rows, model, nextId++, stop).ConfigureAwait(false);
            record = await UpdateAsync(connection, rows, record, model, barTables, stop).ConfigureAwait(false);
            ushort[] fieldIds = [.. model.Fields.Select(f => (ushort)record.Fields.First(known => known.Name == f.Name).Id)];
            var series = new Series((ushort)record.Id, model.WithFieldIds(fieldIds)) { ProvenFrom = record.Rebuild.ProvenFrom };
            opened.Add(new TimescaleSeries(series, record, database.Schema));
        }

        await retention.ApplyAsync(connection, stop).ConfigureAwait(false);
        await transaction.CommitAsync(stop).ConfigureAwait(false);
        return opened;
    }

    private static void CheckCompatible(SeriesModel model, StoredSeries known, List<string> refusals)
    {
        if (!model.Spec.Dimensions.Select(d => d.Name).SequenceEqual(known.Dimensions.Select(d => d.Name), StringComparer.Ordinal))
            refusals.Add(SpecRefusals.DimensionsChanged(model, known.Dimensions.Select(d => d.Name)));
        foreach (var field in model.Fields)
        {
            if (known.Fields.FirstOrDefault(f => f.Name == field.Name) is { } stored && stored.Type != field.Type)
                refusals.Add(SpecRefusals.FieldTypeChanged(model, field, stored.Type));
        }
    }

    private async Task<StoredSeries> CreateAsync(
        NpgsqlConnection connection, CatalogRows rows, SeriesModel model, int id, CancellationToken stop)
    {
        if (id > ushort.MaxValue) throw Errors.TooManySeries();
        List<DimensionRecord> dimensions = [];
        foreach (var (i, dimension) in model.Spec.Dimensions.Index())
            dimensions.Add(new DimensionRecord(dimension.Name,
                ColumnNames.Choose(dimension.Name, "d", i + 1, [.. ColumnNames.OfKeys, .. dimensions.Select(d => d.Column)])));
        var record = new StoredSeries(id, model.Name)
        {
            RollupNs = model.Spec.RollupNs,
            BarDefinition = model.BarDefinition,
            Dimensions = dimensions,
        };
        await rows.AddSeriesAsync(record, stop).ConfigureAwait(false);
        await connection.Command(SeriesDdl.Create(record, database.Schema, ChunkPlan.For(database.Options.TicksTtl).Chunk))
            .RunAsync(stop).ConfigureAwait(false);
        return record;
    }

    private async Task<StoredSeries> UpdateAsync(
        NpgsqlConnection connection, CatalogRows rows, StoredSeries record, SeriesModel model,
            HashSet<(int SeriesId, long RollupNs)> barTables, CancellationToken stop)
    {
        var rollup = model.Spec.RollupNs;
        if (record.BarDefinition != model.BarDefinition)
        {
            record = record with
            {
                RollupNs = rollup,
                BarDefinition = model.BarDefinition,
                Rebuild = await BeginRebuildAsync(connection, record.Id, model, stop).ConfigureAwait(false),
            };
            await rows.SetDefinitionAsync(record, stop).ConfigureAwait(false);
        }

        var fields = record.Fields.ToList();
        foreach (var field in model.Fields.Where(f => fields.All(known => known.Name != f.Name)))
        {
            fields.Add(new FieldRecord(fields.Count + 1, field.Name, field.Type));
            await rows.AddFieldAsync(record.Id, fields[^1], stop).ConfigureAwait(false);
        }

        var metrics = record.Metrics.ToList();
        foreach (var metric in model.Spec.Metrics.Where(m => !metrics.Exists(known => known.Is(m))))
        {
            var column = ColumnNames.Choose(metric.Name, "m", metrics.Count + 1, [.. ColumnNames.OfBars, .. metrics.Select(m => m.Column)]);
            metrics.Add(new MetricRecord(metrics.Count + 1, metric.Name, metric.Field, metric.Aggregation, metric.Type, column));
            await rows.AddMetricAsync(record.Id, metrics[^1], stop).ConfigureAwait(false);
        }

        record = record with { Fields = fields, Metrics = metrics };
        await PrepareBarsAsync(connection, rows, record, model, isNew: barTables.Add((record.Id, rollup)), stop).ConfigureAwait(false);
        return record;
    }

    private async Task<Rebuild> BeginRebuildAsync(NpgsqlConnection connection, int id, SeriesModel model, CancellationToken stop)
    {
        var ticks = new TickSql(new TableNames(database.Schema, id).Ticks);
        var stored = await connection.Command(ticks.StoredTimes)
            .ListAsync(r => (r.GetInt64(0), r.GetInt64(1) + FlushCommit.MaxBlockSpanNs + 1), stop).ConfigureAwait(false);
        return Rebuild.After(model, database.Time.GetUnixNanoseconds(), stored.Count == 0 ? null : stored[0]);
    }

    private async Task PrepareBarsAsync(
        NpgsqlConnection connection, CatalogRows rows, StoredSeries record, SeriesModel model, bool isNew, CancellationToken stop)
    {
        var names = new TableNames(database.Schema, record.Id);
        var table = names.Bars(record.RollupNs);
        if (isNew)
        {
            await connection.Command(SeriesDdl.CreateBars(record, table, ChunkPlan.For(database.Options.BarsTtl).Chunk))
                .RunAsync(stop).ConfigureAwait(false);
            await rows.AddBarTableAsync(record.Id, record.RollupNs, names.BarsName(record.RollupNs), stop).ConfigureAwait(false);
        }

        var present = await connection.Command(
            "SELECT attname::text FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped")
            .With(table).ListAsync(r => r.GetString(0), stop).ConfigureAwait(false);
        var missing = record.Metrics.Where(m => !present.Contains(m.Column) && model.Spec.Metrics.Any(m.Is)).ToArray();
        if (missing.Length > 0)
            await connection.Command(string.Join('\n', missing.Select(m => SeriesDdl.AddMetric(table, m))))
                .RunAsync(stop).ConfigureAwait(false);
    }
}
