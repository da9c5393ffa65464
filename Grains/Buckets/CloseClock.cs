namespace Tikr.Grains.Buckets;

/// <summary>The instant by which buckets decide whether they are due.</summary>
/// <param name="NowNs">Wall time, Unix nanoseconds.</param>
/// <param name="DeliveredThroughNs">Everything received before this wall time has been delivered.</param>
/// <param name="LiveEpoch">Epoch of the gateway now alive.</param>
/// <param name="MaxDelayNs">Longest wait for a gateway that lags.</param>
internal readonly record struct CloseClock(long NowNs, long DeliveredThroughNs, uint LiveEpoch, long MaxDelayNs)
{
    /// <summary>Whether a live bucket with this due time may close.</summary>
    public bool IsDue(long due) => NowNs >= due && (DeliveredThroughNs >= due || NowNs >= due + MaxDelayNs);

    /// <summary>Whether it closes although the gateway has not delivered everything.</summary>
    public bool IsForced(long due) => DeliveredThroughNs < due;
}
