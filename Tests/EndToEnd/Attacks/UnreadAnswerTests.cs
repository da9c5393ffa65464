namespace Tikr.Tests.EndToEnd.Attacks;

/// <summary>Queries whose answers nobody reads.</summary>
public sealed class UnreadAnswerTests
{
    private const int Ticks = 1_000_000, Keys = 1000;

    [Theory]
    [InlineData(16)]
    [InlineData(1000)]
    public async Task Answers_that_nobody_reads_disturb_nobody(int queries)
    {
        await using var silo = await SmallServer.StartAsync("unread");
        var from = WallClock.LatestCompleteBucket - (60 * WallClock.Second);
        await FillAsync(silo, from);
        await using var beside = WellBehaved.Beside(silo);
        using var unread = silo.NewChannel();
        var all = new TickQuery { Series = Ingest.MarketSeries, StartNs = (ulong)from, EndNs = (ulong)(from + (30 * WallClock.Second)) };
        var open = Enumerable.Range(0, queries).Select(_ => new TikrClient(unread).QueryTicks(all)).ToList();
        try
        {
            await WellBehaved.WorksForAsync(TimeSpan.FromSeconds(6));

            await beside.WasServedAsync();

            // A connection has a quarter of the places, and the others are told which bound it is.
            var refused = await Task.WhenAll(open.Select(StatusOfAsync));
            Assert.True(refused.Count(status => status is null) <= 16);
            Assert.Contains(refused.OfType<Status>(), status =>
                status.Detail.StartsWith("this connection has 4 queries", StringComparison.Ordinal));
            Assert.Contains("scans: ", (await silo.ReadinessAsync()).Text, StringComparison.Ordinal);
        }
        finally
        {
            open.ForEach(call => call.Dispose());
        }

        await Eventually.HoldsAsync("what was cut is free", TimeSpan.FromSeconds(5), async () =>
        {
            var used = (await silo.MetricsAsync()).Sum("tikr_server_memory_used_bytes", "part=\"scans\"");
            return used > 0 ? $"{used} bytes" : null;
        });
    }

    private static async Task FillAsync(SiloProcess silo, long from)
    {
        var requests = Enumerable.Range(0, Ticks / Keys).Select(n => new IngestRequest
        {
            Series = Ingest.MarketSeries,
            Ticks = { Enumerable.Range(0, Keys).Select(k => new MarketTick($"K{k}", from + (n * 20_000_000L), n, 1, 1).ToData()) },
        });
        Assert.Equal((ulong)Ticks, (await silo.Client.SendAsync(requests)).TicksReceived);
    }

    // Null while it is open.
    private static async Task<Status?> StatusOfAsync(AsyncServerStreamingCall<TickData> call)
    {
        if (!call.ResponseHeadersAsync.IsCompleted) return null;
        var headers = await call.ResponseHeadersAsync.ContinueWith(static _ => true, TaskScheduler.Default);
        try
        {
            return headers ? call.GetStatus() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
