using Tikr.Core.Delivery;

namespace Tikr.Grains.Buckets;

/// <summary>The instant by which buckets decide whether they are due.</summary>
/// <param name="NowNs">The time now, monotonic nanoseconds: a step of the wall clock closes no bucket and delays none.</param>
/// <param name="Gateways">The gateways now alive, and what they have delivered.</param>
/// <param name="MaxDelayNs">Longest wait for a gateway that lags.</param>
internal readonly record struct CloseClock(long NowNs, LiveGatewaySet Gateways, long MaxDelayNs)
{
    /// <summary>Whether a live bucket with this due time may close.</summary>
    public bool IsDue(long due) => NowNs >= due && (Gateways.DeliveredThroughNs >= due || NowNs >= due + MaxDelayNs);

    /// <summary>Whether it closes although the gateway has not delivered everything.</summary>
    public bool IsForced(long due) => Gateways.DeliveredThroughNs < due;
}
