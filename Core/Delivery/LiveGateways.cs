namespace Tikr.Core.Delivery;

/// <summary>
/// The gateways that are alive, in this process and in others, by epoch: what each has delivered, and where it wants to hear what stored
/// bars cover. Grains merge partials of live gateways only, and close buckets by what all of them have delivered. Read and written from any
/// thread.
/// </summary>
public sealed class LiveGateways
{
    private readonly Lock _writing = new();
    private volatile LiveGatewaySet _now = LiveGatewaySet.None;

    /// <summary>The gateways as of now.</summary>
    public LiveGatewaySet Now => _now;

    /// <summary>A gateway begins to deliver.</summary>
    /// <param name="epoch">Its epoch.</param>
    /// <param name="coverage">Where it hears of coverage.</param>
    /// <param name="nowNs">The time now, monotonic nanoseconds: from here on its watermark is missed.</param>
    /// <param name="isRemote">Whether it is in another process.</param>
    public void Add(uint epoch, ICoverageSink coverage, long nowNs = 0, bool isRemote = false)
    {
        ArgumentNullException.ThrowIfNull(coverage);
        lock (_writing) _now = _now.With(new LiveGateway(epoch, long.MinValue, nowNs, isRemote, coverage));
    }

    /// <summary>A gateway has ended: nothing that it has committed can be merged any more, only recomputed.</summary>
    public void Remove(uint epoch)
    {
        lock (_writing) _now = _now.Without(epoch);
    }

    /// <summary>Everything that a gateway received before a monotonic time is stored and delivered to the grains.</summary>
    /// <param name="epoch">The gateway.</param>
    /// <param name="deliveredThroughNs">That time, by this process' clock.</param>
    /// <param name="nowNs">The time now, monotonic nanoseconds.</param>
    /// <remarks>Moves on, never back: bars were closed by what it said.</remarks>
    public void Advance(uint epoch, long deliveredThroughNs, long nowNs = 0)
    {
        lock (_writing) _now = _now.Advanced(epoch, deliveredThroughNs, nowNs);
    }

    /// <summary>A stored bar covers every flush of an epoch up to and including <paramref name="throughFlush"/>.</summary>
    /// <remarks>Manifests of epochs that are not alive are recovery's to retire: nobody is told.</remarks>
    public void Covered(ushort seriesId, uint keyId, long bucketStart, uint epoch, ulong throughFlush) =>
        _now.Find(epoch)?.Coverage.Covered(seriesId, keyId, bucketStart, throughFlush);
}

/// <summary>The live gateways at one instant; immutable.</summary>
public sealed class LiveGatewaySet
{
    // A few: a look at each costs less than a table.
    private readonly LiveGateway[] _all;

    private LiveGatewaySet(LiveGateway[] all) => _all = all;

    /// <summary>No gateway: bars close at max_close_delay.</summary>
    public static LiveGatewaySet None { get; } = new([]);

    /// <summary>How many there are.</summary>
    public int Count => _all.Length;

    /// <summary>
    /// Everything received before this monotonic time has been delivered by all of them; the least time there is while none is alive.
    /// </summary>
    public long DeliveredThroughNs => DeliveredThrough(long.MinValue);

    /// <summary>
    /// The same, without gateways of other processes whose watermark has not risen since a time: a bar does not wait for one that hangs.
    /// </summary>
    /// <param name="risenSinceNs">That time, monotonic nanoseconds.</param>
    public long DeliveredThrough(long risenSinceNs)
    {
        if (_all.Length == 0) return long.MinValue;
        var least = long.MaxValue;
        foreach (var one in _all)
        {
            if (!one.IsRemote || one.RisenNs >= risenSinceNs) least = Math.Min(least, one.DeliveredThroughNs);
        }

        return least;
    }

    /// <summary>Whether the gateway of an epoch is alive.</summary>
    public bool IsLive(uint epoch) => Find(epoch) is not null;

    /// <summary>
    /// Whether nothing more of a bucket is to be waited for: each gateway has delivered everything received before the bucket was due, or
    /// has said that the bucket is final for it, or hangs.
    /// </summary>
    /// <param name="dueNs">When the bucket is due, monotonic nanoseconds.</param>
    /// <param name="risenSinceNs">Gateways of other processes whose watermark has not risen since this time are not waited for.</param>
    /// <param name="final">Epochs that have said so.</param>
    public bool HaveAllDelivered(long dueNs, long risenSinceNs, in EpochSet final)
    {
        foreach (var one in _all)
        {
            if (one.DeliveredThroughNs < dueNs && !(one.IsRemote && one.RisenNs < risenSinceNs) && !final.Contains(one.Epoch)) return false;
        }

        return true;
    }

    /// <summary>The gateways of this process, each with the time up to which it has delivered.</summary>
    public IEnumerable<(uint Epoch, long ThroughNs)> Local() =>
        _all.Where(one => !one.IsRemote).Select(one => (one.Epoch, one.DeliveredThroughNs));

    internal LiveGateway? Find(uint epoch)
    {
        foreach (var one in _all)
        {
            if (one.Epoch == epoch) return one;
        }

        return null;
    }

    internal LiveGatewaySet With(LiveGateway gateway) => new([.. _all.Where(one => one.Epoch != gateway.Epoch), gateway]);

    internal LiveGatewaySet Without(uint epoch) => IsLive(epoch) ? new LiveGatewaySet([.. _all.Where(one => one.Epoch != epoch)]) : this;

    internal LiveGatewaySet Advanced(uint epoch, long throughNs, long nowNs) =>
        Find(epoch) is { } one && one.DeliveredThroughNs < throughNs
            ? With(one with { DeliveredThroughNs = throughNs, RisenNs = nowNs }) : this;
}

/// <summary>A live gateway.</summary>
/// <param name="Epoch">Its epoch.</param>
/// <param name="DeliveredThroughNs">Everything it received before this time is delivered, monotonic nanoseconds of this process.</param>
/// <param name="RisenNs">When that last rose, monotonic nanoseconds.</param>
/// <param name="IsRemote">Whether it is in another process.</param>
/// <param name="Coverage">Where it hears of coverage.</param>
internal sealed record LiveGateway(uint Epoch, long DeliveredThroughNs, long RisenNs, bool IsRemote, ICoverageSink Coverage);

/// <summary>
/// Learns which buckets stored bars cover, so that manifests can be retired. Implemented by a gateway; called from any thread.
/// </summary>
public interface ICoverageSink
{
    /// <summary>
    /// A stored bar of the bucket covers every flush of this gateway up to and including <paramref name="throughFlush"/>.
    /// </summary>
    void Covered(ushort seriesId, uint keyId, long bucketStart, ulong throughFlush);
}
