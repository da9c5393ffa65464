using System.Runtime.InteropServices;

namespace Tikr.Gateway.Ingest.Lanes;

/// <summary>
/// Coverage news from the grains, waiting for the lane. Two lists change places: with many keys there is one piece of news per bar.
/// </summary>
internal sealed class CoverageInbox
{
    private const int MostKept = 131_072;
    private readonly Lock _gate = new();
    private List<Coverage> _news = [];
    private List<Coverage> _taken = [];

    public void Add(in Coverage news)
    {
        lock (_gate) _news.Add(news);
    }

    /// <summary>Everything that is new, in order; valid until the next call.</summary>
    public ReadOnlySpan<Coverage> Take()
    {
        // After a burst of news its list goes to the garbage collector.
        if (_taken.Capacity > MostKept) _taken = [];
        else _taken.Clear();
        lock (_gate) (_news, _taken) = (_taken, _news);
        return CollectionsMarshal.AsSpan(_taken);
    }
}

/// <summary>A stored bar covers a pair up to a flush of the lane.</summary>
internal readonly record struct Coverage(ushort SeriesId, uint KeyId, long BucketStart, ulong ThroughFlush);
