namespace Tikr.Gateway.Ingest.Lanes;

/// <summary>What a lane holds of each series. Follows the series that are configured; belongs to the lane alone.</summary>
internal sealed class LaneSeriesSet
{
    private readonly IngestSeriesSet _source;
    private readonly List<LaneSeries> _all = [];
    private readonly Dictionary<IngestSeries, LaneSeries> _bySeries = [];
    private readonly Dictionary<ushort, LaneSeries> _byId = [];
    private IngestSeries[]? _seen;

    public LaneSeriesSet(IngestSeriesSet source)
    {
        _source = source;
        Follow();
    }

    /// <summary>Every series that is configured, or of which there are uncovered ticks.</summary>
    public IReadOnlyList<LaneSeries> All => _all;

    /// <summary>What the lane holds of a series that streams bring ticks of.</summary>
    public LaneSeries Of(IngestSeries series) => Find(series) ?? Add(series);

    /// <summary>What the lane holds of a series, if it holds anything.</summary>
    public LaneSeries? Find(IngestSeries series) => _bySeries.GetValueOrDefault(series);

    /// <summary>The series of the store's number for it, or null.</summary>
    public LaneSeries? Find(ushort seriesId) => _byId.GetValueOrDefault(seriesId);

    /// <summary>Takes in series that have come, and drops those that have gone once nothing of them is left to cover.</summary>
    public void Follow()
    {
        var now = _source.Now;
        if (now == _seen) return;
        foreach (var series in now) Of(series);
        var waits = false;
        for (var i = _all.Count - 1; i >= 0; i--)
        {
            var one = _all[i];
            if (now.Contains(one.Ingest)) continue;
            if (one.IsIdle) Remove(i);
            else waits = true;
        }

        _seen = waits ? null : now;
    }

    // Also a message that was decoded before its series had gone: then the next look drops it again.
    private LaneSeries Add(IngestSeries series)
    {
        var one = new LaneSeries(series) { Before = _byId.GetValueOrDefault(series.Series.Id) };
        _all.Add(one);
        _bySeries[series] = one;
        _byId[one.SeriesId] = one;
        _seen = null;
        return one;
    }

    private void Remove(int index)
    {
        var one = _all[index];
        _all.RemoveAt(index);
        _bySeries.Remove(one.Ingest);
        if (_byId[one.SeriesId] == one)
        {
            if (one.Before is null) _byId.Remove(one.SeriesId);
            else _byId[one.SeriesId] = one.Before;
            return;
        }

        foreach (var other in _all)
        {
            if (other.Before == one) other.Before = one.Before;
        }
    }
}
