using System.Buffers;
using System.Diagnostics.Metrics;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tikr.Core.Delivery;
using Tikr.Core.Rollup;
using Tikr.Core.Time;
using Tikr.Core.Wire;
using Tikr.Gateway.Ingest;
using Tikr.Gateway.Ingest.Lanes;
using Tikr.Gateway.Metrics;
using Tikr.Grains;
using Tikr.Grains.Metrics;
using Tikr.Grains.Rebuilding;
using Tikr.Grains.Recompute;
using Tikr.Grains.Recovery;
using Tikr.Grains.Writing;
using Tikr.Storage;
using Tikr.Tests.Support.Memory;
using Tikr.Tests.Support.Time;

namespace Tikr.Tests.Properties.Model;

/// <summary>
/// One process with the production parts from decoded message to recovery: decoder, lane, bar writer, recompute, recovery. Nothing runs by
/// itself but what is awaited. One that lives on after its successor has started is a zombie.
/// </summary>
internal sealed class Node : IRecovery, IAsyncDisposable
{
    // Nothing of a node sweeps by itself.
    private static readonly TimeSpan Never = TimeSpan.FromDays(40);
    private readonly ServiceProvider _metrics = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly SteppingTime _time;
    private readonly TickMessagePool _messages = new();
    private readonly BarWriter _writer;
    private readonly RecomputeService _recompute;
    private readonly RecoveryService _recovery;
    private readonly RebuildService _rebuilds;
    private readonly IngestSeriesSet _ingest;
    private readonly TickDecoder _decoder;
    private readonly Source[] _streams = [new Source(), new Source()];

    private Node(MemoryStore store, Series series, SteppingTime time, LiveGateways gateways)
    {
        (Store, Series, _time) = (store, series, time);
        var options = new TikrGrainOptions { SweepPeriod = Never, RetryDelay = TimeSpan.Zero };
        var metrics = new GrainMetrics(Meters);
        var directory = new SeriesDirectory();
        directory.Open([series]);
        var listeners = new BarListeners([], metrics, time, NullLogger<BarListeners>.Instance);
        _writer = new BarWriter(store, listeners, metrics, options, time, NullLogger<BarWriter>.Instance);
        _recompute = new RecomputeService(store, store, metrics, NullLogger<RecomputeService>.Instance);
        var repeats = new RepeatReport(metrics, time, NullLogger<RepeatReport>.Instance);
        var overflows = new OverflowReport(metrics, time, NullLogger<OverflowReport>.Instance);
        var closer = new PairCloser(_recompute, _writer, gateways, metrics, repeats, overflows, new OutboxLayout(1));
        _recovery = new RecoveryService(store, store, directory, closer, gateways, time, options, NullLogger<RecoveryService>.Instance);
        _rebuilds = new RebuildService(
            store, store, store, directory, closer, _recompute, _writer, time, options, NullLogger<RebuildService>.Instance);
        _ingest = new IngestSeriesSet(Resident, new IngestOptions { MaxInternedKeys = 64 }, time);
        directory.Watch(_ingest);
        _decoder = new TickDecoder(_ingest, time, _messages);
    }

    public MemoryStore Store { get; }

    public Series Series { get; }

    /// <summary>Its life, known to the store; null of one that has not said.</summary>
    public Incarnation? Incarnation { get; private init; }

    /// <summary>Null until it has started.</summary>
    public FlushLane Lane { get; private set; } = null!;

    /// <summary>Whether another node has taken its place.</summary>
    public bool IsZombie { get; set; }

    private IngestSeries Ingest => _ingest.Now[0];

    private ResidentKeys Resident { get; } = new();

    private IMeterFactory Meters => _metrics.GetRequiredService<IMeterFactory>();

    /// <summary>Starts a process as the gateway does: catalog, epoch, recovery, lane.</summary>
    public static async Task<Node> StartAsync(MemoryStore store, Series series, Incarnation? life, NodeWorld world)
    {
        var node = new Node(store, series, world.Time, world.Gateways) { Incarnation = life };
        node._recovery.Left += world.NoteSealed;
        try
        {
            await node.StartAsync(world);
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }

        return node;
    }

    private async Task StartAsync(NodeWorld world)
    {
        var (network, gateways, ledger) = (world.Network, world.Gateways, world.Ledger);
        var epoch = await Store.AllocateEpochAsync(default);
        var open = await RecoverAsync(epoch);
        var observer = new IngestObserver(new GatewayMetrics(Meters), NullLogger<IngestObserver>.Instance, _time);
        var options = new IngestOptions { UncoveredTimeout = TimeSpan.FromSeconds(4) };
        Lane = new FlushLane(epoch, _ingest, open,
            new LaneServices(Store, network, this, gateways, Resident, _messages, options, observer, _time, new OutboxLayout(1)));
        foreach (var (dead, _) in gateways.Now.Local().Where(one => !world.Living.Contains(one.Epoch)).ToArray()) gateways.Remove(dead);
        gateways.Add(epoch, new CheckedCoverage(epoch, Lane, ledger));
    }

    /// <summary>Ticks arrive on a stream: they are decoded, their keys looked up, and left for the lane.</summary>
    public async Task ReceiveAsync(IReadOnlyList<TestTick> ticks, int stream, bool isDrained, Ledger ledger)
    {
        var message = _decoder.Decode(new ReadOnlySequence<byte>(World.Request(Series.Model, ticks).ToByteArray()));
        await Store.ResolveAsync(Series, message.Unresolved, default);
        Assert.Equal(ticks.Count, message.Received);
        if (!IsZombie) ledger.Accepted(Series, message);
        var source = _streams[stream % _streams.Length];
        source.Stream.IsDrained = isDrained;
        Lane.Queue.Add(new QueuedMessage(Ingest, message, source));
    }

    /// <summary>A stream ends, and a new one takes its place.</summary>
    public void EndStream(int stream)
    {
        ref var source = ref _streams[stream % _streams.Length];
        Lane.Queue.TryAdd(new QueuedMessage(Ingest, null, source));
        source = new Source();
    }

    /// <summary>Every stream waits for its client from now on.</summary>
    public void Drain()
    {
        foreach (var source in _streams) source.Stream.IsDrained = true;
    }

    /// <summary>What the thread of the lane does when it is woken.</summary>
    public async Task StepAsync()
    {
        Lane.Step(Instant.Of(_time));
        await Lane.Background;
    }

    public bool HasOpenPairs => _recovery.HasOpenPairs;

    public Task<IReadOnlyList<RecoveredPair>> RecoverAsync(uint currentEpoch, CancellationToken cancellation = default) =>
        _recovery.RecoverAsync(currentEpoch, cancellation);

    public Task SweepAsync() => _recovery.SweepOnceAsync(default);

    /// <summary>One step of making bars again that an earlier spec made otherwise.</summary>
    public Task RebuildAsync() => _rebuilds.StepAsync(default);

    public Task RecomputeAsync(IReadOnlyList<RecoveredPair> pairs, CancellationToken cancellation = default) =>
        IsZombie ? Task.CompletedTask : _recovery.RecomputeAsync(pairs, cancellation);

    public async ValueTask DisposeAsync()
    {
        await _rebuilds.DisposeAsync();
        await _recovery.DisposeAsync();
        await _recompute.DisposeAsync();
        await _writer.DisposeAsync();
        Lane?.Dispose();
        await _metrics.DisposeAsync();
    }
}

/// <summary>What a node meets.</summary>
/// <param name="Time">Its clocks.</param>
/// <param name="Gateways">The gateways that live.</param>
/// <param name="Network">Its way to the grains.</param>
/// <param name="Ledger">Who checks it.</param>
/// <param name="Living">Epochs of nodes that live on beside it.</param>
/// <param name="NoteSealed">Hears what sealed nodes left.</param>
internal sealed record NodeWorld(
    SteppingTime Time, LiveGateways Gateways, Network Network, Ledger Ledger, IReadOnlyCollection<uint> Living,
    Action<LeftPairs> NoteSealed);

/// <summary>Passes coverage on to its lane once the stored bars bear it out.</summary>
internal sealed class CheckedCoverage(uint epoch, FlushLane lane, Ledger ledger) : ICoverageSink
{
    public void Covered(ushort seriesId, uint keyId, long bucketStart, ulong throughFlush)
    {
        ledger.Hold(() => ledger.Covered(seriesId, keyId, bucketStart, epoch, throughFlush));
        lane.Covered(seriesId, keyId, bucketStart, throughFlush);
    }
}
