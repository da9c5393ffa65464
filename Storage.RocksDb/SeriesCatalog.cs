using System.Collections.Concurrent;
using System.Text;
using RocksDbSharp;
using Tikr.Core.Rollup;
using Tikr.Core.Time;

namespace Tikr.Storage.RocksDb;

/// <summary>Series by name, with numbers for series, fields and bar layouts that are never used again for others.</summary>
internal sealed class SeriesCatalog(RocksDbDatabase database, BarLayouts layouts) : ISeriesCatalog, IRebuildStore
{
    private readonly ConcurrentDictionary<string, StoredSeries> _records = new(StringComparer.Ordinal);
    private volatile IReadOnlyDictionary<ushort, Series>? _byId;

    /// <summary>Whether it is known which series are configured.</summary>
    public bool IsOpen => _byId is not null;

    /// <summary>The configured series with this number, or null.</summary>
    public Series? Find(ushort seriesId) => _byId?.GetValueOrDefault(seriesId);

    /// <summary>Whether a series is configured; while that is not known each is.</summary>
    public bool IsConfigured(ushort seriesId) => _byId?.ContainsKey(seriesId) ?? true;

    /// <summary>Name of a series for messages.</summary>
    public string NameOf(ushort seriesId) => Find(seriesId)?.Name ?? $"number {seriesId}";

    /// <summary>Furthest that any series lets ticks run ahead of the clock, nanoseconds.</summary>
    public long MaxFutureNs => _byId?.Values.Select(series => series.Model.Spec.MaxFutureNs).DefaultIfEmpty(0).Max() ?? 0;

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Series>> OpenAsync(IReadOnlyList<SeriesModel> models, CancellationToken cancellation)
    {
        var stored = ReadRecords();
        List<string> refusals = [];
        List<Series> opened = [];
        layouts.Begin();
        using var batch = new WriteBatch();
        using var usage = database.Use();
        var meta = usage.Families.Meta;
        var nextSeries = database.GetNumber(MetaKeys.NextSeries, 1);
        foreach (var model in models)
        {
            var known = stored.GetValueOrDefault(model.Name);
            if (known is not null && !IsCompatible(model, known, refusals)) continue;
            if (known is null && nextSeries > ushort.MaxValue) throw Errors.TooManySeries();
            var record = Updated(model, known ?? NewRecord(model, (ushort)nextSeries++), batch, meta);
            if (known is null || !record.ToJson().AsSpan().SequenceEqual(known.ToJson()))
                batch.Put(MetaKeys.Series(model.Name), record.ToJson(), meta);
            _records[model.Name] = record;
            ushort[] fieldIds = [.. model.Fields.Select(f => record.Fields.First(stored => stored.Name == f.Name).Id)];
            opened.Add(new Series(record.Id, model.WithFieldIds(fieldIds)) { ProvenFrom = record.Rebuild.ProvenFrom });
        }

        if (refusals.Count > 0) throw Errors.SpecsRefused(database.Options.DataDir, refusals);
        if (batch.Count() > 0)
        {
            database.PutNumber(batch, MetaKeys.NextSeries, nextSeries);
            database.WriteSynced(batch);
            layouts.Written();
        }

        _byId = opened.ToDictionary(one => one.Id);
        return ValueTask.FromResult<IReadOnlyList<Series>>(opened);
    }

    /// <inheritdoc/>
    public Rebuild RebuildOf(Series series) => _records.TryGetValue(series.Name, out var record) ? record.Rebuild : default;

    /// <inheritdoc/>
    public ValueTask SaveAsync(Series series, Rebuild rebuild, CancellationToken cancellation)
    {
        var record = _records[series.Name].With(rebuild);
        using var batch = new WriteBatch();
        using (var usage = database.Use()) batch.Put(MetaKeys.Series(series.Name), record.ToJson(), usage.Families.Meta);
        database.Write(batch, acknowledges: false);
        _records[series.Name] = record;
        return ValueTask.CompletedTask;
    }

    private Dictionary<string, StoredSeries> ReadRecords()
    {
        var records = new Dictionary<string, StoredSeries>(StringComparer.Ordinal);
        using var lease = new IteratorLease(database, Family.Meta);
        var cursor = lease[0];
        for (var found = cursor.Seek(MetaKeys.SeriesPrefix); found && cursor.Key[0] == MetaKeys.SeriesPrefix[0]; found = cursor.Next())
            records.Add(Encoding.UTF8.GetString(cursor.Key[1..]), StoredSeries.Parse(cursor.Value));
        return records;
    }

    private static StoredSeries NewRecord(SeriesModel model, ushort id) => new()
    {
        Id = id,
        Dimensions = [.. model.Spec.Dimensions.Select(d => d.Name)],
        Fields = [],
        NextFieldId = 1,
        Layout = 0,
        RollupNs = model.Spec.RollupNs,
        BarDefinition = model.BarDefinition,
    };

    private static bool IsCompatible(SeriesModel model, StoredSeries known, List<string> refusals)
    {
        var before = refusals.Count;
        if (!model.Spec.Dimensions.Select(d => d.Name).SequenceEqual(known.Dimensions, StringComparer.Ordinal))
            refusals.Add(SpecRefusals.DimensionsChanged(model, known.Dimensions));
        foreach (var field in model.Fields)
        {
            if (known.Fields.FirstOrDefault(f => f.Name == field.Name) is { } stored && stored.Type != field.Type)
                refusals.Add(SpecRefusals.FieldTypeChanged(model, field, stored.Type));
        }

        return refusals.Count == before;
    }

    private StoredSeries Updated(SeriesModel model, StoredSeries record, WriteBatch batch, ColumnFamilyHandle meta)
    {
        var added = model.Fields.Where(f => record.Fields.All(stored => stored.Name != f.Name)).ToArray();
        var rebuild = record.BarDefinition == model.BarDefinition ? record.Rebuild : BeginRebuild(model, record.Id);
        return record.With(rebuild) with
        {
            Fields = [.. record.Fields, .. added.Select((f, i) => new FieldRecord((ushort)(record.NextFieldId + i), f.Name, f.Type))],
            NextFieldId = (ushort)(record.NextFieldId + added.Length),
            Layout = layouts.Register(record.Id, model, batch, meta),
            RollupNs = model.Spec.RollupNs,
            BarDefinition = model.BarDefinition,
        };
    }

    private Rebuild BeginRebuild(SeriesModel model, ushort id)
    {
        var now = database.Time.GetUnixNanoseconds();
        return Rebuild.After(model, now, StoredTimes.Of(database, id, now));
    }
}
