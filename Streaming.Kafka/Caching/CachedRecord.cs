using Orleans.Streams;

namespace Tikr.Streaming.Kafka.Caching;

/// <summary>A record in the cache: a link of the queue's order and of its stream's.</summary>
internal sealed class CachedRecord(IBatchContainer batch, long offset, StreamChain chain, long addedAt)
{
    public IBatchContainer Batch => batch;

    public long Offset => offset;

    public StreamChain Chain => chain;

    /// <summary>When it came, on the cache's clock.</summary>
    public long AddedAt => addedAt;

    /// <summary>The next of the queue.</summary>
    public CachedRecord? NextInQueue { get; set; }

    /// <summary>The next of the stream.</summary>
    public CachedRecord? NextInStream { get; set; }

    /// <summary>Cursors that still need it. Everything after it waits for them too, since offsets are committed in order.</summary>
    public int Pins { get; set; }
}
