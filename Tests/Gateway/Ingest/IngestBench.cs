using System.Buffers;
using System.Diagnostics.Metrics;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tikr.Contracts;
using Tikr.Core.Delivery;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Core.Time;
using Tikr.Core.Wire;
using Tikr.Gateway.Ingest;
using Tikr.Gateway.Ingest.Lanes;
using Tikr.Gateway.Metrics;
using Tikr.Storage;
using Tikr.Tests.Support.Time;

namespace Tikr.Tests.Gateway.Ingest;

/// <summary>A series, its clock and its decoder: enough to bring ticks as far as a flush.</summary>
internal sealed class IngestBench
{
    public const long Second = 1_000_000_000;
    public const long Start = 1_700_000_000 * Second;

    public IngestBench(SeriesSpec? spec = null)
    {
        Time = new SteppingTime(DateTimeOffset.UnixEpoch.AddTicks(Start / 100));
        Model = new SeriesModel(spec ?? Spec());
        var series = new Series(7, Model.WithFieldIds([.. Model.Fields.Select((_, i) => (ushort)(i + 1))]));
        SeriesSet = new IngestSeriesSet(Resident, new IngestOptions { MaxInternedKeys = 100_000 }, Time);
        SeriesSet.Added(series);
        Series = SeriesSet.Now[0];
        LaneSet = new LaneSeriesSet(SeriesSet);
        _decoder = new TickDecoder(SeriesSet, Time, Pool);
    }

    private readonly TickDecoder _decoder;
    private uint _nextKey = 1;

    public SteppingTime Time { get; }

    public TickMessagePool Pool { get; } = new();

    public SeriesModel Model { get; }

    public ResidentKeys Resident { get; } = new();

    public IngestSeries Series { get; }

    public IngestSeriesSet SeriesSet { get; }

    public LaneSeriesSet LaneSet { get; }

    public LaneSeries Lane => LaneSet.All[0];

    public Instant Now => Instant.Of(Time);

    public static Instant At(long ns) => new(ns, ns);

    public static SeriesSpec Spec() => new()
    {
        Series = "market",
        Dimensions = [new DimensionSpec("symbol")],
        Metrics =
        [
            new MetricSpec("open", "price", FieldType.Int64, "first"), new MetricSpec("close", "price", FieldType.Int64, "last"),
            new MetricSpec("volume", "quantity", FieldType.UInt64, "sum"), new MetricSpec("ticks", null, FieldType.UInt64, "count"),
        ],
        RollupNs = Second,
        RollupText = "1s",
    };

    public static GatewayMetrics Metrics() =>
        new(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>());

    /// <summary>What a lane of the bench needs; its partials go nowhere.</summary>
    public LaneServices Services(ITickStore store, IngestOptions options, GatewayMetrics metrics) => new(
        store, NoGrains.Instance, NoGrains.Instance, new LiveGateways(), Resident, Pool, options,
        new IngestObserver(metrics, NullLogger<IngestObserver>.Instance, Time), Time);

    /// <summary>Decodes ticks as a gateway would and resolves their keys.</summary>
    public QueuedMessage Message(Source source, params Tick[] ticks)
    {
        var request = new IngestRequest { Series = Model.Name };
        foreach (var tick in ticks)
        {
            request.Ticks.Add(new TickData
            {
                TimestampNs = (ulong)tick.Time,
                Sequence = tick.Sequence,
                Dimensions = { ["symbol"] = tick.Symbol },
                Fields = { ["price"] = tick.Price, ["quantity"] = tick.Quantity },
            });
        }

        return Message(source, request);
    }

    /// <summary>Decodes a request all of whose ticks are accepted, and resolves their keys.</summary>
    public QueuedMessage Message(Source source, IngestRequest request)
    {
        var message = _decoder.Decode(new ReadOnlySequence<byte>(request.ToByteArray()));
        Assert.Equal(request.Ticks.Count, message.Columns.Count);
        foreach (var key in message.Unresolved) key.Resolve(_nextKey++);
        return new QueuedMessage(Series, message, source);
    }
}

/// <summary>A tick of the tests.</summary>
internal readonly record struct Tick(string Symbol, long Time, uint Sequence = 0, long Price = 0, long Quantity = 1);

/// <summary>Takes every partial and recovers nothing.</summary>
internal sealed class NoGrains : IPartialRouter, IRecovery
{
    public static NoGrains Instance { get; } = new();

    public int WaitingBars => 0;

    public Task<bool> DeliverAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellation) => Task.FromResult(true);

    public bool HasOpenPairs { get; set; }

    public Task<IReadOnlyList<RecoveredPair>> RecoverAsync(uint currentEpoch, CancellationToken cancellation = default) =>
        Task.FromResult<IReadOnlyList<RecoveredPair>>([]);

    public Task RecomputeAsync(IReadOnlyList<RecoveredPair> pairs, CancellationToken cancellation = default) => Task.CompletedTask;
}
