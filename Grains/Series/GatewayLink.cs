using Microsoft.Extensions.DependencyInjection;

namespace Tikr.Grains.Series;

/// <summary>The gateway of this silo, looked up when first needed: it depends on the grains' services and they on it.</summary>
internal sealed class GatewayLink(IServiceProvider services)
{
    private readonly Lazy<ICoverageSink> _coverage = new(() => services.GetService<ICoverageSink>() ?? NoGateway.Instance);
    private readonly Lazy<IGatewayWatermark> _watermark = new(() => services.GetService<IGatewayWatermark>() ?? NoGateway.Instance);

    public ICoverageSink Coverage => _coverage.Value;

    public IGatewayWatermark Watermark => _watermark.Value;

    // A silo without a gateway: nobody waits for coverage, and bars close at max_close_delay.
    private sealed class NoGateway : ICoverageSink, IGatewayWatermark
    {
        public static NoGateway Instance { get; } = new();

        public long DeliveredThroughNs => 0;

        public uint Epoch => 0;

        public void Covered(ushort seriesId, uint keyId, long bucketStart, uint epoch, ulong throughFlush)
        {
        }
    }
}
