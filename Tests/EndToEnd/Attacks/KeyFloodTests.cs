namespace Tikr.Tests.EndToEnd.Attacks;

/// <summary>A client that makes a key of every tick.</summary>
public sealed class KeyFloodTests
{
    private const int Keys = 100_000;

    [Fact]
    public async Task Keys_without_end_are_rejected_and_disturb_nobody()
    {
        await using var silo = await SmallServer.StartAsync("key-flood");
        await using var beside = WellBehaved.Beside(silo);
        await WellBehaved.WorksForAsync(TimeSpan.FromSeconds(2));
        var ticks = Enumerable.Range(0, Keys).Select(i => new MarketTick($"FLOOD{i}", WallClock.NowNs, 1, 1, 1));

        var answer = await silo.Client.SendAsync(ticks.ToRequests());

        Assert.Equal((ulong)Keys, answer.TicksReceived + answer.TicksRejected);
        Assert.Equal("cardinality_limit", Assert.Single(answer.Rejections).Reason);
        Assert.InRange(answer.TicksReceived, 10_000UL, 30_000UL);
        Assert.Contains("keys: the keys in use take all of the", (await silo.ReadinessAsync()).Text, StringComparison.Ordinal);
        Assert.Equal(answer.TicksRejected, (await silo.MetricsAsync()).Sum("tikr_ingest_rejected_total", "reason=\"cardinality_limit\""));
        await WellBehaved.WorksForAsync(TimeSpan.FromSeconds(5));
        await beside.WasServedAsync();
    }
}
