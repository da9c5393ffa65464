using System.Globalization;
using System.Text;
using Tikr.Streaming.Kafka.Mapping;
using Tikr.Tests.Streaming.Kafka.Support;
using Tikr.Tests.Support.Kafka;

namespace Tikr.Tests.Streaming.Kafka.Provider;

/// <summary>Events through a topic, between Orleans and others.</summary>
public sealed class StreamTests
{
    [Fact]
    public async Task Events_of_a_client_and_of_grains_reach_implicit_subscribers_in_order_per_stream()
    {
        await using var cluster = await KafkaCluster.StartAsync();
        for (var i = 0; i < 50; i++)
        {
            for (var key = 0; key < 10; key++) await cluster.Stream($"{key}").OnNextAsync($"{key}:{i}");
        }

        await cluster.Subscriber("publisher").PublishAsync(KafkaCluster.Implicit, "0", ["0:50", "0:51"]);
        await cluster.CollectedAsync(502);

        for (var key = 0; key < 10; key++)
            Assert.Equal(Enumerable.Range(0, key == 0 ? 52 : 50).Select(i => $"{key}:{i}"), cluster.Collected.ValuesOf($"{key}"));
    }

    [Fact]
    public async Task Plain_producers_and_consumers_understand_each_other_with_streams()
    {
        await using var cluster = await KafkaCluster.StartAsync();

        await cluster.WriteAsync("outside", ["a", "b", null, "c"]);
        await cluster.WriteAsync(null, ["no key"]);
        await cluster.Stream("inside").OnNextAsync("from Orleans");
        await cluster.CollectedAsync(5);

        Assert.Equal(["a", "b", "c"], cluster.Collected.ValuesOf("outside"));
        Assert.Equal(["no key"], cluster.Collected.ValuesOf("keyless"));
        using var reader = new TopicReader(cluster.Brokers.BootstrapServers, cluster.Topic);
        var record = Assert.Single(reader.ReadAll(), record => record.Message.Key is { } key && Encoding.UTF8.GetString(key) == "inside");
        Assert.Equal("from Orleans", Encoding.UTF8.GetString(record.Message.Value!));
        Assert.Equal(record.Offset.Value, Assert.Single(cluster.Collected.Of("inside")).Offset);
    }

    [Fact]
    public async Task Poison_records_are_passed_over_counted_and_logged_without_their_content()
    {
        await using var cluster = await KafkaCluster.StartAsync();

        await cluster.WriteAsync("key", ["1", "poison and more", "2", "poison", "3"]);
        await cluster.CollectedAsync(3);

        Assert.Equal(["1", "2", "3"], cluster.Collected.ValuesOf("key"));
        Assert.Contains(cluster.Log.Lines, line => line.StartsWith("Warning 8030", StringComparison.Ordinal));
        Assert.DoesNotContain(cluster.Log.Lines, line => line.Contains("poison and more", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Default_payload_carries_batches_and_request_context()
    {
        await using var cluster = await KafkaCluster.StartAsync(configure: options => options.Payload = null);

        RequestContext.Set("caller", "the test");
        await cluster.Stream("key").OnNextBatchAsync(["1", "2", "3"]);
        RequestContext.Clear();
        await cluster.WriteAsync("key", ["not of Orleans"]);
        await cluster.Stream("key").OnNextAsync("4");
        await cluster.CollectedAsync(4);

        Assert.Equal(["1", "2", "3", "4"], cluster.Collected.ValuesOf("key"));
        Assert.Single(cluster.Collected.Of("key").Take(3).Select(one => one.Offset).Distinct());
        Assert.Equal(["the test", "the test", "the test", null], cluster.Collected.ValuesOf("key")
            .Select(value => cluster.Collected.Callers[value]));
    }

    [Fact]
    public async Task One_stream_per_partition_takes_records_of_any_key()
    {
        await using var cluster = await KafkaCluster.StartAsync(
            configure: options => options.Mapping = KafkaStreamMapping.PerPartition);

        for (var key = 0; key < 40; key++) await cluster.WriteAsync($"{key}", [$"{key}"]);
        await cluster.Stream("3").OnNextAsync("into partition 3");
        await cluster.CollectedAsync(41);

        Assert.Empty(cluster.Collected.Streams.Except(["0", "1", "2", "3"]));
        Assert.Equal("into partition 3", cluster.Collected.ValuesOf("3")[^1]);
        Assert.Equal(Enumerable.Range(0, 40).Select(key => key.ToString(CultureInfo.InvariantCulture))
            .Append("into partition 3").Order(), cluster.Collected.Values.Order());
    }

    [Fact]
    public async Task Restarted_silo_goes_on_where_the_group_left_off()
    {
        using var kafka = TestKafka.Start();
        var topic = TestKafka.NewTopic();
        await using (var first = await KafkaCluster.StartAsync(kafka: kafka, topic: topic))
        {
            await first.WriteAsync("key", Enumerable.Range(0, 100).Select(i => $"{i}"));
            await first.CollectedAsync(100);
            await first.CommittedAsync(100);
        }

        await using var second = await KafkaCluster.StartAsync(kafka: kafka, topic: topic, createTopic: false);
        await second.WriteAsync("key", ["100"]);
        await second.CollectedAsync("the new event", collected => collected.Values.Contains("100") ? null : $"{collected.Count}");

        Assert.Equal(["100"], second.Collected.ValuesOf("key"));
    }
}
