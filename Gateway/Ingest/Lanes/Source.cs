using Tikr.Core.Wire;

namespace Tikr.Gateway.Ingest.Lanes;

/// <summary>One stream's ticks of one series.</summary>
/// <param name="stream">The stream; a new one if none is given.</param>
internal sealed class Source(StreamProgress? stream = null)
{
    /// <summary>The stream, which may bring ticks of other series too.</summary>
    public StreamProgress Stream { get; } = stream ?? new StreamProgress();

    /// <summary>Whether it brings no more; written by the lane.</summary>
    public bool HasEnded;

    /// <summary>Its place in the lane's <see cref="SourceTable"/>; -1 before its first flush and after its end.</summary>
    public int Place = -1;

    /// <summary>Its number among the sources of the flush <see cref="NumberFlush"/>; the lane's.</summary>
    public int Number;

    /// <summary>Flush that <see cref="Number"/> belongs to.</summary>
    public ulong NumberFlush;

    /// <summary>
    /// Where further small messages go as long as its batch is the one being filled. Guarded by <see cref="IngestQueue"/>.
    /// </summary>
    public (FlushBatch? Batch, TickMessage? Message) Gathering;
}
