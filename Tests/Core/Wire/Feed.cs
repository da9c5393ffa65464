using System.Buffers;
using Google.Protobuf;
using Microsoft.Extensions.Time.Testing;
using Tikr.Contracts;
using Tikr.Core.Dimensions;
using Tikr.Core.Memory;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Core.Wire;

namespace Tikr.Tests.Core.Wire;

/// <summary>A decoder with one series, at a fixed time.</summary>
internal sealed class Feed
{
    public const long Now = 1_700_000_000_000_000_000;

    private uint _lastKeyId;

    public Feed(SeriesSpec? spec = null, int capacity = 100_000, MemoryPart? memory = null, long maxDecodedBytes = long.MaxValue)
    {
        Time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddTicks(Now / 100));
        Model = new SeriesModel(spec ?? Market());
        Interner = new KeyInterner(Model, (model, set) => new InternedKey(model, set), Time, capacity, memory);
        Series = new DecoderSeries(Model, Interner) { EarliestNs = Now - 3_600_000_000_000 };
        Pool = new TickMessagePool();
        Decoder = new TickDecoder(new FixedSeries(Series), Time, Pool, maxDecodedBytes);
    }

    public FakeTimeProvider Time { get; }

    public SeriesModel Model { get; }

    public KeyInterner Interner { get; }

    public DecoderSeries Series { get; }

    public TickMessagePool Pool { get; }

    public TickDecoder Decoder { get; }

    public static SeriesSpec Market(params string[] dimensions) => new()
    {
        Series = "market",
        Dimensions = [.. (dimensions.Length == 0 ? ["symbol", "venue"] : dimensions).Select(name => new DimensionSpec(name))],
        Metrics =
        [
            new("open", "price", FieldType.Int64, "first"),
            new("volume", "quantity", FieldType.UInt64, "sum"),
            new("ticks", "trade", FieldType.UInt64, "count"),
        ],
        RollupNs = 1_000_000_000,
        RollupText = "1s",
    };

    public TickMessage Decode(byte[] bytes) => Decoder.Decode(new ReadOnlySequence<byte>(bytes));

    public TickMessage Decode(IngestRequest request) => Decode(request.ToByteArray());

    public TickMessage Decode(params TickData[] ticks) => Decode(new IngestRequest { Series = "market", Ticks = { ticks } });

    public TickMessage Decode(Action<WireBytes> tick) => Decode(new WireBytes().Text(1, "market").Part(2, tick).ToArray());

    /// <summary>Decodes and answers the key table's part for new keys.</summary>
    public TickMessage DecodeResolved(params TickData[] ticks)
    {
        var message = Decode(ticks);
        foreach (var key in message.Unresolved) key.Resolve(++_lastKeyId);
        return message;
    }

    public static TickData Tick(
        string symbol = "AAPL", string venue = "XNAS", long time = Now, long price = 100, long quantity = 7, uint sequence = 0) => new()
        {
            TimestampNs = (ulong)time,
            Dimensions = { ["symbol"] = symbol, ["venue"] = venue },
            Fields = { ["price"] = price, ["quantity"] = quantity },
            Sequence = sequence,
        };
}
