using Tikr.Core.Dimensions;

namespace Tikr.Grains;

/// <summary>A partial on its way to its grain.</summary>
/// <param name="Key">The key.</param>
/// <param name="Partial">The partial.</param>
public readonly record struct Delivery(InternedKey Key, Partial Partial);

/// <summary>Takes partials from the gateway of this silo to their grains, local ones without a grain call.</summary>
public interface IPartialRouter
{
    /// <summary>
    /// Bars of this silo that wait to be recomputed or stored. A gateway that sees many takes no more ticks until they are fewer.
    /// </summary>
    int WaitingBars { get; }

    /// <summary>
    /// Delivers partials; completes when every grain has applied its own. A failed delivery is not an error here: the bucket stays
    /// uncovered and is recomputed by recovery.
    /// </summary>
    /// <returns>Whether all were applied: then nobody holds their states any more, and they may be used again.</returns>
    Task<bool> DeliverAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellation);
}

/// <summary>
/// Learns which buckets stored bars cover, so that manifests can be retired. Implemented by the gateway; called from any thread.
/// </summary>
public interface ICoverageSink
{
    /// <summary>
    /// A stored bar of the bucket covers every flush of <paramref name="epoch"/> up to and including <paramref name="throughFlush"/>.
    /// </summary>
    void Covered(ushort seriesId, uint keyId, long bucketStart, uint epoch, ulong throughFlush);
}

/// <summary>What this silo's gateway has delivered. Grains close live buckets by it.</summary>
public interface IGatewayWatermark
{
    /// <summary>Everything received before this wall time (Unix nanoseconds) is stored and delivered to the grains.</summary>
    long DeliveredThroughNs { get; }

    /// <summary>Epoch of the gateway now alive here; partials of any other epoch are recomputed.</summary>
    uint Epoch { get; }
}
