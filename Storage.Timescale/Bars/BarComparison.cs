using Tikr.Core.Rollup;
using Tikr.Storage.Timescale.Catalog;

namespace Tikr.Storage.Timescale.Bars;

/// <summary>Writes to one table compared with what is stored there, one after the other.</summary>
internal sealed class BarComparison
{
    private readonly Dictionary<(uint KeyId, long Bucket), Bar?> _stored = [];
    private readonly Dictionary<(uint KeyId, long Bucket), Bar> _written = [];

    public BarComparison(TimescaleSeries series, IReadOnlyList<BarWrite> writes, List<int> indexes)
    {
        Series = series;
        foreach (var i in indexes) _stored.TryAdd((writes[i].KeyId, writes[i].Bar.BucketStart), null);

        Keys = [.. _stored.Keys.Order()];
        FirstBucket = Sql.Time(Keys.Min(k => k.Bucket));
        LastBucket = Sql.Time(Keys.Max(k => k.Bucket));
    }

    public TimescaleSeries Series { get; }

    public (uint KeyId, long Bucket)[] Keys { get; }

    public DateTime FirstBucket { get; }

    public DateTime LastBucket { get; }

    /// <summary>Takes over the stored bars.</summary>
    public void Load(IEnumerable<BarRow> rows)
    {
        foreach (var row in rows) _stored[(row.KeyId, row.Bar.BucketStart)] = row.Bar;
    }

    /// <summary>What becomes of a write.</summary>
    public BarWriteResult Apply(in BarWrite write)
    {
        var key = (write.KeyId, write.Bar.BucketStart);
        var stored = _written.TryGetValue(key, out var earlier) ? earlier : _stored[key];
        if (stored is not null && stored.SameContent(write.Bar)) return new BarWriteResult(BarWriteOutcome.Unchanged, stored);
        if ((stored?.Revision ?? -1) != write.ExpectedRevision) return new BarWriteResult(BarWriteOutcome.Conflict, stored);
        var bar = write.Bar with { Revision = write.ExpectedRevision + 1 };
        _written[key] = bar;
        return new BarWriteResult(BarWriteOutcome.Stored, bar);
    }

    /// <summary>Bars to write, by key and bucket: those to add (step 0), and those whose revision grows by a step.</summary>
    public IEnumerable<(int Step, List<BarRow> Rows)> Changes() => _written
        .GroupBy(w => _stored[w.Key] is { } stored ? w.Value.Revision - stored.Revision : 0)
        .OrderBy(g => g.Key)
        .Select(g => (g.Key, g.OrderBy(w => w.Key).Select(w => new BarRow(w.Key.KeyId, w.Value)).ToList()));
}
