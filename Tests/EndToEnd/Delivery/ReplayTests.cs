using System.Globalization;
using Tikr.Tests.Support.Otlp;

namespace Tikr.Tests.EndToEnd.Delivery;

/// <summary>A day of trades, replayed: every record in the topic, decoded by other people's code, is the bar that it must be.</summary>
public sealed class ReplayTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Every_record_of_a_day_decodes_as_its_bar()
    {
        await using var server = await KafkaServer.StartAsync("replay", "spool");
        var day = Market.Load().RebasedToNow();
        await server.Silo.Client.SendAsync(day.Ticks.ToRequests());
        await server.Silo.Client.HasExactlyAsync(day.Bars, Patience);
        await server.IsDrainedAsync(Patience);

        var published = server.Read();
        published.AreConsistent();
        Assert.Equal((day.Bars.Count, 0), (published.Records.Count, published.Repeated));
        var decoded = await IndependentOtlp.DecodeAsync(published.Records.Select(record => record.Message.Value!));
        Assert.Equal(day.Bars.Select(Text).Order(StringComparer.Ordinal), decoded.Select(Text).Order(StringComparer.Ordinal));
    }

    [Theory, InlineData(10), InlineData(2)]
    public async Task An_ordered_replay_behind_a_live_tick_of_another_key_is_published_once_per_bar(int pauseMs)
    {
        const int Bars = 20, PerBar = 10;
        await using var server = await KafkaServer.StartAsync("catch-up", "spool");
        var first = WallClock.CurrentBucket - (600 * WallClock.Second);
        using var call = server.Silo.Client.IngestTicks(cancellationToken: TestContext.Current.CancellationToken);
        await SendOneAsync(call, new MarketTick("LIVE", WallClock.NowNs - 50_000_000, 1, 1, 0));
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(pauseMs));
        for (var i = 0; i < Bars * PerBar; i++)
        {
            await SendOneAsync(call, new MarketTick("PAST", first + (i * WallClock.Second / PerBar), 100 + i, 1, (uint)i));
            await pace.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        await call.RequestStream.CompleteAsync();
        Assert.Equal((Bars * PerBar) + 1ul, (await call.ResponseAsync).TicksReceived);
        await Eventually.HoldsAsync("all bars are published", Patience, () =>
        {
            var bars = server.Read().Latest.Count;
            return Task.FromResult(bars == Bars + 1 ? null : $"{bars} bars");
        });
        await server.IsDrainedAsync(Patience);

        var published = server.Read();
        Assert.Equal((Bars + 1, 0), (published.Records.Count, published.Repeated));
        Assert.All(published.Latest.Where(bar => bar.Symbol == "PAST"), bar => Assert.Equal(PerBar, bar.Count));
    }

    private static Task SendOneAsync(AsyncClientStreamingCall<IngestRequest, IngestResponse> call, MarketTick tick) =>
        call.RequestStream.WriteAsync(Assert.Single(new[] { tick }.ToRequests()), TestContext.Current.CancellationToken);

    private static string Text(MarketBar bar) => string.Create(
        CultureInfo.InvariantCulture,
        $"{bar.Symbol} {bar.Bucket}-{bar.Bucket + WallClock.Second} close={bar.Close} gauge, high={bar.High} gauge, low={bar.Low} "
            + $"gauge, open={bar.Open} gauge, tick_count={bar.Count} monotonic delta sum, volume={bar.Volume} monotonic delta sum");

    private static string Text(IReadOnlyList<OtlpPoint> points)
    {
        var (first, prefix) = (points[0], "market_ticks.");
        Assert.All(points, point => Assert.Equal((first.Attributes, first.Start, first.Time, "tikr", "market_ticks"),
            (point.Attributes, point.Start, point.Time, point.Service, point.Series)));
        Assert.All(points, point => Assert.StartsWith(prefix, point.Metric, StringComparison.Ordinal));
        var metrics = points.Select(point => $"{point.Metric[prefix.Length..]}={point.Value} {point.Kind}").Order(StringComparer.Ordinal);
        return string.Create(CultureInfo.InvariantCulture,
            $"{first.Attributes["symbol=".Length..].TrimEnd()} {first.Start}-{first.Time} {string.Join(", ", metrics)}");
    }
}
