using System.Collections.Concurrent;
using Tikr.Grains;

namespace Tikr.Gateway.Ingest;

/// <summary>Coverage news from the grains, waiting for the flush loop.</summary>
internal sealed class CoverageInbox(IGatewayWatermark gateway) : ICoverageSink
{
    private readonly ConcurrentQueue<Coverage> _news = new();

    public void Covered(ushort seriesId, uint keyId, long bucketStart, uint epoch, ulong throughFlush)
    {
        // Manifests of other epochs are recovery's to retire.
        if (epoch == gateway.Epoch) _news.Enqueue(new Coverage(seriesId, keyId, bucketStart, throughFlush));
    }

    public bool TryTake(out Coverage coverage) => _news.TryDequeue(out coverage);
}

/// <summary>A stored bar covers a pair of this gateway's epoch up to a flush.</summary>
internal readonly record struct Coverage(ushort SeriesId, uint KeyId, long BucketStart, ulong ThroughFlush);
