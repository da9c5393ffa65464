namespace Tikr.Tests.EndToEnd.Scenarios;

/// <summary>SIGTERM while bars are open and a client keeps its stream open.</summary>
public sealed class GracefulStopTests
{
    private const int Keys = 10_000;

    [Fact]
    public async Task Stop_with_open_bars_and_an_idle_stream_loses_nothing()
    {
        await using var silo = await SiloProcess.StartAsync(new SiloOptions { Name = "graceful-stop" });
        await Eventually.ClockPassesAsync(WallClock.CurrentBucket + WallClock.Second);
        var bucket = WallClock.CurrentBucket;
        var ticks = Enumerable.Range(0, Keys).Select(i => new MarketTick($"K{i}", bucket + i, 1000 + i, 1 + i, 1)).ToList();
        var unacknowledged = new MarketTick("IDLE", bucket + 5, 777, 7, 1);
        using var idle = silo.Client.IngestTicks(cancellationToken: TestContext.Current.CancellationToken);
        await idle.RequestStream.WriteAsync(
            new IngestRequest { Series = Ingest.MarketSeries, Ticks = { unacknowledged.ToData() } }, TestContext.Current.CancellationToken);

        var answer = await silo.Client.SendAsync(ticks.ToRequests());
        var exitCode = await silo.StopAsync(TimeSpan.FromSeconds(10));

        Assert.Equal((ulong)Keys, answer.TicksReceived);
        Assert.Equal(0, exitCode);
        var status = await Assert.ThrowsAsync<RpcException>(() => idle.ResponseAsync);
        Assert.Equal(StatusCode.Unavailable, status.StatusCode);
        Assert.Equal("1", status.Trailers.GetValue("tikr-ticks-received"));

        await silo.RestartAsync();
        await silo.Client.HasExactlyAsync(MarketBar.AllOf([.. ticks, unacknowledged]), TimeSpan.FromSeconds(5));
    }
}
