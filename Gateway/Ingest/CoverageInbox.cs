using System.Runtime.InteropServices;
using Tikr.Grains;

namespace Tikr.Gateway.Ingest;

/// <summary>
/// Coverage news from the grains, waiting for the flush loop. Two lists change places: with many keys there is one piece of news per bar.
/// </summary>
internal sealed class CoverageInbox(IGatewayWatermark gateway) : ICoverageSink
{
    private const int MostKept = 131_072;
    private readonly Lock _gate = new();
    private List<Coverage> _news = [];
    private List<Coverage> _taken = [];

    public void Covered(ushort seriesId, uint keyId, long bucketStart, uint epoch, ulong throughFlush)
    {
        // Manifests of other epochs are recovery's to retire.
        if (epoch != gateway.Epoch) return;
        lock (_gate) _news.Add(new Coverage(seriesId, keyId, bucketStart, throughFlush));
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

/// <summary>A stored bar covers a pair of this gateway's epoch up to a flush.</summary>
internal readonly record struct Coverage(ushort SeriesId, uint KeyId, long BucketStart, ulong ThroughFlush);
