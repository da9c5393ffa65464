using Tikr.Grains;

namespace Tikr.Gateway.Ingest;

/// <summary>What the gateway of this silo has delivered.</summary>
internal sealed class GatewayWatermark : IGatewayWatermark
{
    private long _deliveredThroughNs = long.MinValue;
    private uint _epoch;

    public long DeliveredThroughNs
    {
        get => Volatile.Read(ref _deliveredThroughNs);
        private set => Volatile.Write(ref _deliveredThroughNs, value);
    }

    /// <summary>Moves on, never back: bars were closed by what it said.</summary>
    public void Advance(long deliveredThroughNs) => DeliveredThroughNs = Math.Max(DeliveredThroughNs, deliveredThroughNs);

    public uint Epoch
    {
        get => Volatile.Read(ref _epoch);
        set => Volatile.Write(ref _epoch, value);
    }
}
