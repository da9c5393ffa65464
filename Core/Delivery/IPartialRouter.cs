using Tikr.Core.Dimensions;

namespace Tikr.Core.Delivery;

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

/// <summary>A partial on its way to its grain.</summary>
/// <param name="Key">The key.</param>
/// <param name="Partial">The partial.</param>
public readonly record struct Delivery(InternedKey Key, Partial Partial);
