using System.Buffers;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Google.Protobuf;
using Tikr.Contracts;
using Tikr.Core.Dimensions;
using Tikr.Core.Wire;

namespace Tikr.Benchmarks.Micro;

/// <summary>
/// The wire reader beside the generated parser: messages of 1,000 market ticks (58 B each), Zipf over the keys. Times are per tick.
/// </summary>
[MemoryDiagnoser]
public class WireBenchmarks
{
    private const int Messages = 100, TicksPerMessage = 1_000;

    internal const int Ticks = Messages * TicksPerMessage;

    private readonly byte[][] _messages = new byte[Messages][];
    private readonly byte[][] _json = new byte[Messages][];
    private TickDecoder _decoder = null!;

    [Params(1_000, 100_000)]
    public int Keys { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var model = Market.Model();
        var interner = new KeyInterner(model, static (model, set) => new InternedKey(model, set), TimeProvider.System, 1 << 20);
        _decoder = new TickDecoder(new FixedSeries(new DecoderSeries(model, interner)), TimeProvider.System, new TickMessagePool());
        var random = new Random(7);
        var weights = new double[Keys];
        var sum = 0.0;
        for (var i = 0; i < Keys; i++) weights[i] = sum += 1.0 / (i + 1);
        var time = (ulong)(DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * 100;
        for (var m = 0; m < Messages; m++)
        {
            var request = new IngestRequest { Series = model.Name };
            for (var t = 0; t < TicksPerMessage; t++)
                request.Ticks.Add(Tick(random, Pick(weights, random.NextDouble() * sum), time += 500));
            _messages[m] = request.ToByteArray();
            _json[m] = JsonSerializer.SerializeToUtf8Bytes(JsonMessage.Of(request), JsonMessages.Default.JsonMessage);
        }

        Decode();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Ticks)]
    public int Generated()
    {
        var ticks = 0;
        foreach (var message in _messages) ticks += IngestRequest.Parser.ParseFrom(message).Ticks.Count;
        return ticks;
    }

    [Benchmark(OperationsPerInvoke = Ticks)]
    public int Json()
    {
        var ticks = 0;
        foreach (var message in _json) ticks += JsonSerializer.Deserialize(message, JsonMessages.Default.JsonMessage)!.Ticks.Count;
        return ticks;
    }

    [Benchmark(OperationsPerInvoke = Ticks)]
    public int Decode()
    {
        var ticks = 0;
        foreach (var bytes in _messages)
        {
            var message = _decoder.Decode(new ReadOnlySequence<byte>(bytes));
            for (var i = 0; i < message.Unresolved.Count; i++) message.Unresolved[i].Resolve(1);
            ticks += message.Columns.Count;
            message.Release();
        }

        return ticks;
    }

    private static int Pick(double[] weights, double at) =>
        Math.Min(Array.BinarySearch(weights, at) is var i && i < 0 ? ~i : i, weights.Length - 1);

    private static TickData Tick(Random random, int key, ulong time) => new()
    {
        TimestampNs = time,
        Sequence = (uint)random.Next(1, 1 << 14),
        Dimensions = { ["symbol"] = Symbol(key) },
        Fields = { ["price"] = random.Next(10_000, 5_000_000), ["quantity"] = random.Next(1, 500) },
    };

    private static string Symbol(int key) => string.Create(4, key, static (letters, left) =>
    {
        for (var i = 0; i < letters.Length; i++, left /= 26) letters[i] = (char)('A' + (left % 26));
    });
}
