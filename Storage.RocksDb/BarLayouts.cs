using System.Buffers.Binary;
using System.Collections.Concurrent;
using RocksDbSharp;
using Tikr.Core.Rollup;

namespace Tikr.Storage.RocksDb;

/// <summary>
/// Layouts of stored bars. Each bar names the layout it was written in; reading maps its values to the metrics of today's spec, so
/// metrics may be added and removed.
/// </summary>
internal sealed class BarLayouts
{
    private readonly ConcurrentDictionary<uint, LayoutRecord> _layouts = new();
    private readonly ConcurrentDictionary<ushort, uint> _current = new();
    private readonly ConcurrentDictionary<(uint Layout, uint Current), int[]> _maps = new();
    private readonly Dictionary<uint, LayoutRecord> _added = [];
    private readonly RocksDbDatabase _database;
    private ulong _next;

    public BarLayouts(RocksDbDatabase database)
    {
        _database = database;
        _next = database.GetNumber(MetaKeys.NextLayout, 1);
        using var lease = new IteratorLease(database, Family.Meta);
        var cursor = lease[0];
        for (var found = cursor.Seek(MetaKeys.LayoutPrefix); found && cursor.Key[0] == MetaKeys.LayoutPrefix[0]; found = cursor.Next())
            _layouts[BinaryPrimitives.ReadUInt32BigEndian(cursor.Key[1..])] = LayoutRecord.Parse(cursor.Value);
    }

    /// <summary>Number of the layout that the series writes in now.</summary>
    public uint Current(ushort seriesId) => _current[seriesId];

    /// <summary>Forgets what was added to a batch that has not been written.</summary>
    public void Begin() => _added.Clear();

    /// <summary>Finds or adds the layout of a model; an added one is put into the batch, and known once <see cref="Written"/>.</summary>
    public uint Register(ushort seriesId, SeriesModel model, WriteBatch batch, ColumnFamilyHandle meta)
    {
        var layout = LayoutRecord.Of(seriesId, model);
        var id = _layouts.FirstOrDefault(known => known.Value.Same(layout)).Key;
        if (id == 0)
        {
            id = (uint)_next++;
            _added[id] = layout;
            batch.Put(MetaKeys.Layout(id), layout.ToJson(), meta);
            _database.PutNumber(batch, MetaKeys.NextLayout, _next);
        }

        _current[seriesId] = id;
        return id;
    }

    /// <summary>Takes over what has been written.</summary>
    public void Written()
    {
        foreach (var (id, layout) in _added) _layouts[id] = layout;
    }

    /// <summary>
    /// For each value of a stored layout the index of its metric in the series' present layout, or -1; null if they are the same layout.
    /// </summary>
    public int[]? MapFrom(uint layout, ushort seriesId)
    {
        var current = Current(seriesId);
        if (layout == current) return null;
        return _maps.TryGetValue((layout, current), out var map) ? map : AddMap(layout, current);
    }

    // Apart, so that its closure is not allocated for every bar that is read.
    private int[] AddMap(uint layout, uint current) =>
        _maps[(layout, current)] = [.. _layouts[layout].Metrics.Select(metric => Array.IndexOf(_layouts[current].Metrics, metric))];
}
