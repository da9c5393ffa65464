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
    /// Number of the present division of keys among silos; another one whenever it changes. A lane that sees a new one delivers again what
    /// no bar covers.
    /// </summary>
    int Division => 0;

    /// <summary>A lane has delivered again what no bar covers, under a division.</summary>
    /// <param name="epoch">Its epoch.</param>
    /// <param name="division">The division.</param>
    void DeliveredAgain(uint epoch, int division)
    {
    }

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
