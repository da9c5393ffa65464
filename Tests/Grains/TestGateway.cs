using System.Threading.Channels;
using Tikr.Grains;
using Tikr.Storage;

namespace Tikr.Tests.Grains;

/// <summary>What the grains see of a gateway.</summary>
internal sealed class TestGateway : ICoverageSink, IGatewayWatermark
{
    private readonly Channel<(BucketRef Pair, FlushId Through)> _covered = Channel.CreateUnbounded<(BucketRef, FlushId)>();

    public long DeliveredThroughNs { get; set; }

    public uint Epoch { get; set; }

    public void Covered(ushort seriesId, uint keyId, long bucketStart, uint epoch, ulong throughFlush) =>
        _covered.Writer.TryWrite((new BucketRef(keyId, bucketStart), new FlushId(epoch, throughFlush)));

    /// <summary>Waits until a pair is covered through a flush.</summary>
    public async Task WaitCoveredAsync(BucketRef pair, FlushId through)
    {
        var deadline = TestSilo.Deadline($"{pair} to be covered through {through}");
        await foreach (var (covered, flush) in _covered.Reader.ReadAllAsync(deadline))
        {
            if (covered == pair && flush.Epoch == through.Epoch && flush.Flush >= through.Flush) return;
        }
    }
}
