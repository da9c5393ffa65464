using System.Text;
using RocksDbSharp;
using Tikr.Core.Rollup;

namespace Tikr.Storage.RocksDb;

/// <summary>Series by name, with numbers for series, fields and bar layouts that are never used again for others.</summary>
internal sealed class SeriesCatalog(RocksDbDatabase database, BarLayouts layouts) : ISeriesCatalog
{
    private volatile IReadOnlyDictionary<ushort, SeriesHandle> _byId = new Dictionary<ushort, SeriesHandle>();

    /// <summary>The configured series with this number, or null.</summary>
    public SeriesHandle? Find(ushort seriesId) => _byId.GetValueOrDefault(seriesId);

    /// <summary>Furthest that any series lets ticks run ahead of the clock, nanoseconds.</summary>
    public long MaxFutureNs => _byId.Values.Select(series => series.Plan.Spec.MaxFutureNs).DefaultIfEmpty(0).Max();

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SeriesHandle>> OpenAsync(IReadOnlyList<SeriesPlan> plans, CancellationToken cancellation)
    {
        var stored = ReadRecords();
        List<string> refusals = [];
        List<SeriesHandle> handles = [];
        using var batch = new WriteBatch();
        using var usage = database.Use();
        var meta = usage.Families.Meta;
        var nextSeries = database.GetNumber(MetaKeys.NextSeries, 1);
        foreach (var plan in plans)
        {
            var known = stored.GetValueOrDefault(plan.Name);
            if (known is not null && !IsCompatible(plan, known, refusals)) continue;
            if (known is null && nextSeries > ushort.MaxValue) throw Errors.TooManySeries();
            var record = Updated(plan, known ?? NewRecord(plan, (ushort)nextSeries++), batch, meta);
            if (known is null || !record.ToJson().AsSpan().SequenceEqual(known.ToJson()))
                batch.Put(MetaKeys.Series(plan.Name), record.ToJson(), meta);
            handles.Add(
                new SeriesHandle(plan, record.Id, [.. plan.Fields.Select(f => record.Fields.First(stored => stored.Name == f.Name).Id)]));
        }

        if (refusals.Count > 0) throw Errors.SpecsRefused(database.Options.DataDir, refusals);
        if (batch.Count() > 0)
        {
            database.PutNumber(batch, MetaKeys.NextSeries, nextSeries);
            database.WriteSynced(batch);
        }

        _byId = handles.ToDictionary(h => h.SeriesId);
        return ValueTask.FromResult<IReadOnlyList<SeriesHandle>>(handles);
    }

    private Dictionary<string, SeriesRecord> ReadRecords()
    {
        var records = new Dictionary<string, SeriesRecord>(StringComparer.Ordinal);
        using var lease = new IteratorLease(database, Family.Meta);
        var cursor = lease[0];
        for (var found = cursor.Seek(MetaKeys.SeriesPrefix); found && cursor.Key[0] == MetaKeys.SeriesPrefix[0]; found = cursor.Next())
            records.Add(Encoding.UTF8.GetString(cursor.Key[1..]), SeriesRecord.Parse(cursor.Value));
        return records;
    }

    private static SeriesRecord NewRecord(SeriesPlan plan, ushort id) => new()
    {
        Id = id,
        Dimensions = [.. plan.Spec.Dimensions.Select(d => d.Name)],
        Fields = [],
        NextFieldId = 1,
        Layout = 0,
        RollupNs = plan.Spec.RollupNs,
    };

    private static bool IsCompatible(SeriesPlan plan, SeriesRecord known, List<string> refusals)
    {
        var before = refusals.Count;
        if (!plan.Spec.Dimensions.Select(d => d.Name).SequenceEqual(known.Dimensions, StringComparer.Ordinal))
            refusals.Add(SpecRefusals.DimensionsChanged(plan, known.Dimensions));
        foreach (var field in plan.Fields)
        {
            if (known.Fields.FirstOrDefault(f => f.Name == field.Name) is { } stored && stored.Type != field.Type)
                refusals.Add(SpecRefusals.FieldTypeChanged(plan, field, stored.Type));
        }

        return refusals.Count == before;
    }

    private SeriesRecord Updated(SeriesPlan plan, SeriesRecord record, WriteBatch batch, ColumnFamilyHandle meta)
    {
        var added = plan.Fields.Where(f => record.Fields.All(stored => stored.Name != f.Name)).ToArray();
        return record with
        {
            Fields = [.. record.Fields, .. added.Select((f, i) => new FieldRecord((ushort)(record.NextFieldId + i), f.Name, f.Type))],
            NextFieldId = (ushort)(record.NextFieldId + added.Length),
            Layout = layouts.Register(record.Id, plan, batch, meta),
            RollupNs = plan.Spec.RollupNs,
        };
    }
}
