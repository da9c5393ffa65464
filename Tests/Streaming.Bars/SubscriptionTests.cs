using System.Collections.Concurrent;
using System.Text;
using Orleans.Streams;
using Tikr.Core.Otlp;
using Tikr.Streaming.Bars;
using Tikr.Streaming.Kafka.Mapping;
using Tikr.Tests.Support;

namespace Tikr.Tests.Streaming.Bars;

/// <summary>What an Orleans application gets of the bars on a topic.</summary>
public sealed class SubscriptionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Implicit_subscribers_get_every_bar_of_every_encoding_in_order_per_key()
    {
        using var topic = new BarTopic();
        await using var application = await BarApplication.StartAsync(topic);
        var encodings = new[] { BarEncoding.Otlp, BarEncoding.OtlpResourceMetrics, BarEncoding.Json };
        var symbols = Enumerable.Range(0, 20).Select(i => $"S{i}").ToList();
        for (var second = 0; second < 30; second++)
        {
            foreach (var symbol in symbols) await topic.PublishAsync(symbol, BarTopic.Bar(second, 1000 + second), encodings[second % 3]);
        }

        await application.ReceivedAsync(600);
        foreach (var symbol in symbols)
        {
            var received = application.Log.Bars.Where(one => one.Bar.Dimensions["symbol"] == symbol).ToList();
            Assert.Equal(Enumerable.Range(0, 30).Select(second => 1000L + second), received.Select(one => (long)one.Bar["close"]));
            Assert.Single(received.Select(one => one.Stream).Distinct());
            Assert.All(received, one => Assert.InRange(
                int.Parse(one.Stream, System.Globalization.CultureInfo.InvariantCulture), 0, BarTopic.Partitions - 1));
        }
    }

    [Fact]
    public async Task An_explicit_subscriber_gets_whole_bars_across_a_client()
    {
        using var topic = new BarTopic();
        await using var application = await BarApplication.StartAsync(topic);
        var received = new ConcurrentQueue<Bar>();
        for (var partition = 0; partition < BarTopic.Partitions; partition++)
        {
            var stream = application.Client.GetStreamProvider(BarApplication.Provider)
                .GetStream<Bar>(StreamId.Create(ImplicitGrain.Namespace, $"{partition}"));
            await stream.SubscribeAsync((bar, _) =>
            {
                received.Enqueue(bar);
                return Task.CompletedTask;
            });
        }

        await topic.PublishAsync("A|B=Ä", BarTopic.Bar(1, -5, volume: -1, revision: 4, present: 6));
        await Eventually.HoldsAsync("the bar arrives", Patience, () => Task.FromResult(received.IsEmpty ? "none so far" : null));

        var bar = received.First();
        Assert.Equal(("market_ticks", @"symbol=A\|B=Ä", "A|B=Ä"), (bar.Series, bar.Key, bar.Dimensions["symbol"]));
        const long Start = BarTopic.Time + BarTopic.Second;
        Assert.Equal((Start, Start + BarTopic.Second, Start + 1, Start + 2),
            (bar.BucketStart, bar.BucketEnd, bar.FirstTimestamp, bar.LastTimestamp));
        Assert.Equal((3, 4), (bar.TickCount, bar.Revision));
        Assert.Equal(ulong.MaxValue, bar["volume"]);
        Assert.False(bar.Metrics.ContainsKey("close"));
        Assert.Contains("no value of metric 'close'; it has volume, tick_count",
            Assert.Throws<KeyNotFoundException>(() => bar["close"]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_stream_per_key_can_be_had_as_well()
    {
        using var topic = new BarTopic();
        await using var application = await BarApplication.StartAsync(topic, KafkaStreamMapping.PerKey);
        for (var second = 0; second < 5; second++)
        {
            await topic.PublishAsync("A", BarTopic.Bar(second, second));
            await topic.PublishAsync("B", BarTopic.Bar(second, second));
        }

        await application.ReceivedAsync(10);
        Assert.All(application.Log.Bars, one => Assert.Equal(one.Bar.Key, one.Stream));
        Assert.Equal(["symbol=A", "symbol=B"], application.Log.Bars.Select(one => one.Stream).Distinct().Order());
    }

    [Fact]
    public async Task Records_that_are_no_bars_are_passed_over()
    {
        using var topic = new BarTopic();
        await using var application = await BarApplication.StartAsync(topic);
        var key = Encoding.UTF8.GetBytes("symbol=A");
        await topic.PublishAsync("A", BarTopic.Bar(0, 0));
        await topic.PublishAsync(key, [0x0a, 0xff]);
        await topic.PublishAsync(key, null);
        await topic.PublishAsync(key, []);
        await topic.PublishAsync(key, "{\"resourceMetrics\":[]}"u8.ToArray());
        await topic.PublishAsync("A", BarTopic.Bar(1, 1));

        await application.ReceivedAsync(2);
        Assert.Equal([0, 1], application.Log.Bars.Select(one => (long)one.Bar["close"]));
    }

    [Fact]
    public async Task Bars_cannot_be_published_through_it()
    {
        using var topic = new BarTopic();
        await using var application = await BarApplication.StartAsync(topic);
        await topic.PublishAsync("A", BarTopic.Bar(0, 0));
        await application.ReceivedAsync(1);
        var (key, bar) = application.Log.Bars.First();
        var stream = application.Client.GetStreamProvider(BarApplication.Provider)
            .GetStream<Bar>(StreamId.Create(ImplicitGrain.Namespace, key));
        var error = await Assert.ThrowsAnyAsync<NotSupportedException>(() => stream.OnNextAsync(bar));
        Assert.Contains("an application can only subscribe", error.Message, StringComparison.Ordinal);
    }
}
