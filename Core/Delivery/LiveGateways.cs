namespace Tikr.Core.Delivery;

/// <summary>
/// The gateways that are alive, by epoch: what each has delivered, and where it wants to hear what stored bars cover. Grains merge partials
/// of live gateways only, and close buckets by what all of them have delivered. Read and written from any thread.
/// </summary>
public sealed class LiveGateways
{
    private readonly Lock _writing = new();
    private volatile LiveGatewaySet _now = LiveGatewaySet.None;

    /// <summary>The gateways as of now.</summary>
    public LiveGatewaySet Now => _now;

    /// <summary>A gateway begins to deliver. It takes the place of the one before: there is one entry so far.</summary>
    /// <param name="epoch">Its epoch, greater than all before.</param>
    /// <param name="coverage">Where it hears of coverage.</param>
    public void Add(uint epoch, ICoverageSink coverage)
    {
        lock (_writing) _now = new LiveGatewaySet(new LiveGateway(epoch, long.MinValue, coverage));
    }

    /// <summary>Everything that a gateway received before a monotonic time is stored and delivered to the grains.</summary>
    /// <remarks>Moves on, never back: bars were closed by what it said.</remarks>
    public void Advance(uint epoch, long deliveredThroughNs)
    {
        lock (_writing) _now = _now.Advanced(epoch, deliveredThroughNs);
    }

    /// <summary>A stored bar covers every flush of an epoch up to and including <paramref name="throughFlush"/>.</summary>
    /// <remarks>Manifests of epochs that are not alive are recovery's to retire: nobody is told.</remarks>
    public void Covered(ushort seriesId, uint keyId, long bucketStart, uint epoch, ulong throughFlush) =>
        _now.Find(epoch)?.Coverage.Covered(seriesId, keyId, bucketStart, throughFlush);
}

/// <summary>The live gateways at one instant; immutable.</summary>
public sealed class LiveGatewaySet
{
    private readonly LiveGateway? _one;

    internal LiveGatewaySet(LiveGateway? one) => _one = one;

    /// <summary>No gateway: bars close at max_close_delay.</summary>
    public static LiveGatewaySet None { get; } = new(null);

    /// <summary>
    /// Everything received before this monotonic time has been delivered by all of them; the least time there is while none is alive.
    /// </summary>
    public long DeliveredThroughNs => _one?.DeliveredThroughNs ?? long.MinValue;

    /// <summary>Whether the gateway of an epoch is alive.</summary>
    public bool IsLive(uint epoch) => _one is { } one && one.Epoch == epoch;

    internal LiveGateway? Find(uint epoch) => IsLive(epoch) ? _one : null;

    internal LiveGatewaySet Advanced(uint epoch, long throughNs) =>
        Find(epoch) is { } one && one.DeliveredThroughNs < throughNs
            ? new LiveGatewaySet(one with { DeliveredThroughNs = throughNs }) : this;
}

/// <summary>A live gateway.</summary>
/// <param name="Epoch">Its epoch.</param>
/// <param name="DeliveredThroughNs">Everything it received before this time is delivered, monotonic nanoseconds.</param>
/// <param name="Coverage">Where it hears of coverage.</param>
internal sealed record LiveGateway(uint Epoch, long DeliveredThroughNs, ICoverageSink Coverage);

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
