using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tikr.Grains;
using Tikr.Grains.Metrics;
using Tikr.Grains.Recompute;
using Tikr.Grains.Recovery;
using Tikr.Grains.Series;
using Tikr.Grains.Writing;
using Tikr.Storage;
using Tikr.Tests.Support.Memory;

namespace Tikr.Tests.Properties.Model;

/// <summary>The silo-wide services of one process: the production recovery over the production writer and recompute.</summary>
internal sealed class ModelProcess : IAsyncDisposable, ICoverageSink, IGatewayWatermark
{
    private readonly ServiceProvider _services;
    private readonly BarWriter _writer;
    private readonly RecomputeService _recompute;
    private readonly RecoveryService _recovery;
    private readonly World _world;
    private readonly Func<long> _deliveredThrough;

    public ModelProcess(World world, MemoryStore store, SeriesHandle series, TimeProvider time, uint epoch, Func<long> deliveredThrough)
    {
        (_world, Store, Epoch, _deliveredThrough) = (world, store, epoch, deliveredThrough);
        _services = new ServiceCollection().AddMetrics().AddSingleton<ICoverageSink>(this)
            .AddSingleton<IGatewayWatermark>(this).BuildServiceProvider();
        var metrics = new GrainMetrics(_services.GetRequiredService<IMeterFactory>());
        var options = new TikrGrainOptions();
        var directory = new SeriesDirectory();
        directory.Open([series]);
        _writer = new BarWriter(store, metrics, time, options, NullLogger<BarWriter>.Instance);
        _recompute = new RecomputeService(store, store, metrics, NullLogger<RecomputeService>.Instance);
        var gateway = new GatewayLink(_services);
        var closer = new PairCloser(_recompute, _writer, gateway, metrics, new OutboxLayout(1));
        _recovery = new RecoveryService(store, directory, closer, gateway, time, options, NullLogger<RecoveryService>.Instance);
    }

    public MemoryStore Store { get; }

    public uint Epoch { get; }

    public long DeliveredThroughNs => _deliveredThrough();

    public Task<IReadOnlyList<RecoveredPair>> RecoverAsync() => _recovery.RecoverAsync(Epoch);

    public Task SweepAsync() => _recovery.SweepOnceAsync(default);

    public Task RecomputeAsync(IReadOnlyList<RecoveredPair> pairs) => _recovery.RecomputeAsync(pairs);

    public void Covered(ushort seriesId, uint keyId, long bucketStart, uint epoch, ulong throughFlush) =>
        _world.Covered(new BucketRef(keyId, bucketStart), epoch, throughFlush);

    public async ValueTask DisposeAsync()
    {
        await _recovery.DisposeAsync();
        await _recompute.DisposeAsync();
        await _writer.DisposeAsync();
        await _services.DisposeAsync();
    }
}
