using System.Buffers;
using Google.Protobuf;
using Microsoft.Extensions.Time.Testing;
using Tikr.Contracts;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Core.Wire;
using Tikr.Gateway.Ingest;
using Tikr.Storage;

namespace Tikr.Tests.Gateway.Ingest;

/// <summary>A series, its clock and its decoder: enough to bring ticks as far as a flush.</summary>
internal sealed class IngestBench
{
    public const long Second = 1_000_000_000;
    public const long Start = 1_700_000_000 * Second;

    public IngestBench(SeriesSpec? spec = null)
    {
        Time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddTicks(Start / 100));
        Plan = new SeriesPlan(spec ?? Spec());
        var resident = new ResidentKeys();
        var interner = new Core.Dimensions.KeyInterner(
            Plan, (plan, dimensions) => new GatewayKey(plan, dimensions, resident), Time, 100_000);
        Intake = new SeriesIntake(
            new SeriesHandle(Plan, 7, [.. Plan.Fields.Select((_, i) => (ushort)(i + 1))]), new SeriesIngress(Plan, interner), resident);
        _decoder = new TickDecoder([Intake.Ingress], Time, Pool);
    }

    private readonly TickDecoder _decoder;
    private uint _nextKey = 1;

    public FakeTimeProvider Time { get; }

    public TickMessagePool Pool { get; } = new();

    public SeriesPlan Plan { get; }

    public SeriesIntake Intake { get; }

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

    /// <summary>Decodes ticks as a gateway would and resolves their keys.</summary>
    public PendingMessage Message(Feed feed, params Tick[] ticks)
    {
        var request = new IngestRequest { Series = Plan.Name };
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

        var message = _decoder.Decode(new ReadOnlySequence<byte>(request.ToByteArray()));
        Assert.Equal(ticks.Length, message.Columns.Count);
        foreach (var key in message.Unresolved) key.Resolve(_nextKey++);
        return new PendingMessage(Intake, message, feed);
    }
}

/// <summary>A tick of the tests.</summary>
internal readonly record struct Tick(string Symbol, long Time, uint Sequence = 0, long Price = 0, long Quantity = 1);
