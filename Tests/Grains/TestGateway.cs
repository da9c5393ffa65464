using System.Threading.Channels;
using Tikr.Core.Delivery;
using Tikr.Storage;

namespace Tikr.Tests.Grains;

/// <summary>What the grains see of a gateway.</summary>
internal sealed class TestGateway
{
    private readonly Channel<(BucketRef Pair, FlushId Through)> _covered = Channel.CreateUnbounded<(BucketRef, FlushId)>();
    private long _deliveredThroughNs;
    private uint _epoch;

    /// <summary>The gateways of the silo: this one.</summary>
    public LiveGateways Live { get; } = new();

    public long DeliveredThroughNs
    {
        get => _deliveredThroughNs;
        set => Live.Advance(Epoch, _deliveredThroughNs = value);
    }

    /// <summary>Its epoch; a new one takes the place of the last.</summary>
    public uint Epoch
    {
        get => _epoch;
        set
        {
            Live.Remove(_epoch);
            _epoch = value;
            Live.Add(value, new Sink(value, _covered.Writer));
            Live.Advance(value, _deliveredThroughNs);
        }
    }

    /// <summary>Waits until a pair is covered through a flush.</summary>
    public async Task WaitCoveredAsync(BucketRef pair, FlushId through)
    {
        var deadline = TestSilo.Deadline($"{pair} to be covered through {through}");
        await foreach (var (covered, flush) in _covered.Reader.ReadAllAsync(deadline))
        {
            if (covered == pair && flush.Epoch == through.Epoch && flush.Flush >= through.Flush) return;
        }
    }

    private sealed class Sink(uint epoch, ChannelWriter<(BucketRef Pair, FlushId Through)> covered) : ICoverageSink
    {
        public void Covered(ushort seriesId, uint keyId, long bucketStart, ulong throughFlush) =>
            covered.TryWrite((new BucketRef(keyId, bucketStart), new FlushId(epoch, throughFlush)));
    }
}
