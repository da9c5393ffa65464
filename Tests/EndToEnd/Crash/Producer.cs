using System.Collections.Concurrent;

namespace Tikr.Tests.EndToEnd.Crash;

/// <summary>A client that sends short streams one after the other until its server dies, and remembers what was acknowledged.</summary>
/// <param name="seed">Makes its ticks repeatable.</param>
/// <param name="keys">Its own keys: no other producer sends them.</param>
/// <param name="lagNs">How far behind the clock its ticks are: 0 is live, more is a replay.</param>
internal sealed class Producer(int seed, string[] keys, long lagNs)
{
    private const int MostTicksPerMessage = 40, MostMessagesPerStream = 4;
    private readonly Random _random = new(seed);
    private readonly Dictionary<string, uint> _sequences = keys.ToDictionary(key => key, _ => 0u);

    /// <summary>Ticks whose stream was answered: they must never be lost.</summary>
    public ConcurrentQueue<MarketTick> Acknowledged { get; } = new();

    /// <summary>Ticks handed to the client, answered or not: nothing else may ever be stored.</summary>
    public ConcurrentQueue<MarketTick> Sent { get; } = new();

    /// <summary>So many keys of one name.</summary>
    public static string[] Keys(string name, int count) => [.. Enumerable.Range(0, count).Select(i => $"{name}-{i}")];

    /// <summary>Sends until it is told to stop; a stream that is refused is followed by the next.</summary>
    public async Task RunAsync(TikrClient client, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested) await RunUntilRefusedAsync(client, stop);
    }

    /// <summary>Sends until a stream is refused.</summary>
    public async Task RunUntilRefusedAsync(TikrClient client, CancellationToken stop = default)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var ticks = NextTicks();
                foreach (var tick in ticks) Sent.Enqueue(tick);
                var answer = await client.SendAsync(ticks.ToRequests(_random.Next(1, MostTicksPerMessage)));
                if (answer.TicksReceived != (ulong)ticks.Count)
                    throw new InvalidDataException($"{ticks.Count} good ticks were sent and {answer} was answered.");
                foreach (var tick in ticks) Acknowledged.Enqueue(tick);
            }
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException or RpcException
        {
            StatusCode: StatusCode.Unavailable or StatusCode.Internal or StatusCode.Cancelled or StatusCode.Unknown
        })
        {
            // The server or its database was killed: what was not answered may be stored or not.
        }
    }

    private List<MarketTick> NextTicks()
    {
        var now = WallClock.NowNs - lagNs;
        return
        [
            .. Enumerable.Range(0, _random.Next(1, MostTicksPerMessage * MostMessagesPerStream)).Select(i =>
            {
                var key = keys[_random.Next(keys.Length)];
                return new MarketTick(key, now + (i * 1000), 100 * _random.Next(1, 10_000), _random.Next(1, 100), ++_sequences[key]);
            }),
        ];
    }
}
