namespace Tikr.Gateway.Ingest.Lanes;

/// <summary>The sources of a series whose streams are open. Belongs to the lane.</summary>
internal sealed class SourceTable
{
    private readonly List<Source> _open = [];

    /// <summary>Takes in a source, once it has brought ticks; one that is there already stays.</summary>
    public void Open(Source source)
    {
        if (source.Place >= 0 || source.HasEnded) return;
        source.Place = _open.Count;
        _open.Add(source);
    }

    /// <summary>Forgets a source whose stream has ended.</summary>
    public void Close(Source source)
    {
        if (source.Place < 0) return;
        var last = _open[^1];
        (_open[source.Place], last.Place) = (last, source.Place);
        _open.RemoveAt(_open.Count - 1);
        source.Place = -1;
    }

    /// <summary>Looks which streams are drained now, just before what they have left is flushed.</summary>
    public void LookForDrained()
    {
        foreach (var source in _open) source.Stream.WasDrained = source.Stream.IsDrained;
    }

    /// <summary>Looks for how long streams were not being read.</summary>
    public void LookForHeld(long nowNs)
    {
        foreach (var source in _open) source.Stream.LookForHeld(nowNs);
    }

    /// <summary>
    /// Least event time, from <paramref name="sinceNs"/> on, that a stream has come to which had more to read at the last look;
    /// long.MaxValue if there is none.
    /// </summary>
    public long LeastUndrained(long sinceNs)
    {
        var least = long.MaxValue;
        foreach (var source in _open)
        {
            var stream = source.Stream;
            if (!stream.WasDrained && stream.EventTimeNs >= sinceNs) least = Math.Min(least, stream.EventTimeNs);
        }

        return least;
    }
}
