using Tikr.Core.Delivery;

namespace Tikr.Grains.Buckets;

/// <summary>The instant by which buckets decide whether they are due.</summary>
/// <param name="NowNs">The time now, monotonic nanoseconds: a step of the wall clock closes no bucket and delays none.</param>
/// <param name="Gateways">The gateways now alive, and what they have delivered.</param>
/// <param name="MaxDelayNs">Longest wait for a gateway that lags.</param>
internal readonly record struct CloseClock(long NowNs, LiveGatewaySet Gateways, long MaxDelayNs)
{
    private readonly long _deliveredThroughNs = Gateways.DeliveredThrough(NowNs - MaxDelayNs);

    /// <summary>Whether a live bucket with this due time may close.</summary>
    public bool IsDue(long due) => NowNs >= due && (_deliveredThroughNs >= due || NowNs >= due + MaxDelayNs);

    /// <summary>Whether it closes although a gateway has not delivered everything.</summary>
    public bool IsForced(long due) => _deliveredThroughNs < due;

    /// <summary>Whether a bucket that is final for some gateways may close: none of the others has anything of it.</summary>
    public bool IsFinal(long due, in EpochSet final) =>
        Gateways.Count == 1 || Gateways.HaveAllDelivered(due, NowNs - MaxDelayNs, final);
}
