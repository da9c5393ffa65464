namespace Tikr.Gateway.Ingest.Lanes;

/// <summary>How many pairs need each flush: what tells, without visiting them, below which flush the manifests may be retired.</summary>
internal sealed class UncoveredFlushes
{
    // Counts of _first, _first + 1, ...: a ring whose length is a power of two.
    private int[] _counts = new int[256];
    private ulong _first = 1;
    private ulong _end = 1;

    /// <summary>A pair needs this flush; it is not below any that was asked of <see cref="Least"/>.</summary>
    public void Add(ulong flush)
    {
        if (flush < _first) throw new InvalidOperationException($"Flush {flush} comes after {_first} was found to be the least needed.");
        while (flush - _first >= (ulong)_counts.Length) Grow();
        _counts[At(flush)]++;
        _end = Math.Max(_end, flush + 1);
    }

    /// <summary>The pair needs it no longer.</summary>
    public void Remove(ulong flush)
    {
        ref var count = ref _counts[At(flush)];
        if (flush < _first || flush >= _end || count == 0) throw new InvalidOperationException($"No pair needs flush {flush}.");
        count--;
    }

    /// <summary>The least flush that a pair needs; <paramref name="next"/> if there is none below it.</summary>
    /// <param name="next">The first flush that is not folded yet: a pair may have needed it before, and others will.</param>
    public ulong Least(ulong next)
    {
        while (_first < Math.Min(_end, next) && _counts[At(_first)] == 0) _first++;
        return _first < _end ? _first : next;
    }

    private int At(ulong flush) => (int)(flush & (ulong)(_counts.Length - 1));

    private void Grow()
    {
        var wider = new int[_counts.Length * 2];
        for (var flush = _first; flush < _end; flush++) wider[(int)(flush & (ulong)(wider.Length - 1))] = _counts[At(flush)];
        _counts = wider;
    }
}
