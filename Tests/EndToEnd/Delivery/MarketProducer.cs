namespace Tikr.Tests.EndToEnd.Delivery;

/// <summary>Ticks of now, over some keys, and the bars that they must become.</summary>
internal sealed class MarketProducer(int symbols, int ticksPerBucket = 3)
{
    private readonly List<MarketTick> _sent = [];
    private readonly Random _random = new(11);
    private uint _sequence;

    /// <summary>Every tick that was acknowledged.</summary>
    public IReadOnlyList<MarketTick> Sent => _sent;

    /// <summary>The bars of them.</summary>
    public IReadOnlyCollection<MarketBar> Bars => MarketBar.AllOf(_sent);

    /// <summary>Sends ticks of the past minutes: as many buckets, each with some ticks of every key, one bucket after the other.</summary>
    public async Task SendPastAsync(SiloProcess silo, int buckets, long from)
    {
        var ticks = new List<MarketTick>();
        for (var bucket = 0; bucket < buckets; bucket++)
        {
            for (var symbol = 0; symbol < symbols; symbol++)
            {
                for (var i = 0; i < ticksPerBucket; i++)
                    ticks.Add(Next(symbol, from + (bucket * WallClock.Second) + (i * WallClock.Second / ticksPerBucket)));
            }
        }

        await SendAsync(silo, ticks).ConfigureAwait(false);
    }

    /// <summary>Sends ticks of now until the time is up.</summary>
    public async Task SendLiveAsync(SiloProcess silo, TimeSpan time)
    {
        var until = WallClock.NowNs + (long)(time.TotalSeconds * WallClock.Second);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (WallClock.NowNs < until)
        {
            await SendAsync(silo, [.. Enumerable.Range(0, symbols).Select(symbol => Next(symbol, WallClock.NowNs))]).ConfigureAwait(false);
            await pause.WaitForNextTickAsync().ConfigureAwait(false);
        }
    }

    private async Task SendAsync(SiloProcess silo, List<MarketTick> ticks)
    {
        var answer = await silo.Client.SendAsync(ticks.ToRequests()).ConfigureAwait(false);
        Assert.Equal((ulong)ticks.Count, answer.TicksReceived);
        _sent.AddRange(ticks);
    }

    private MarketTick Next(int symbol, long time) =>
        new($"S{symbol:000}", time, 100_000 + _random.Next(1000), _random.Next(1, 100), ++_sequence);
}
