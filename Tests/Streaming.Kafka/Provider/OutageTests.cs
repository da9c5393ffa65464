using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Tikr.Streaming.Kafka;
using Tikr.Streaming.Kafka.Hosting;
using Tikr.Streaming.Kafka.Provider;
using Tikr.Tests.Streaming.Kafka.Support;
using Tikr.Tests.Support.Kafka;

namespace Tikr.Tests.Streaming.Kafka.Provider;

/// <summary>Brokers that are away, or whose topic does not fit.</summary>
public sealed class OutageTests
{
    [Fact]
    public async Task Silo_starts_without_brokers_says_so_and_reads_when_they_come()
    {
        using var kafka = TestKafka.Start(mock: true);
        var topic = TestKafka.NewTopic();
        await kafka.CreateTopicAsync(topic, 4);
        kafka.Mock.Down();
        await using var cluster = await KafkaCluster.StartAsync(
            kafka: kafka, topic: topic, createTopic: false, configure: options => options.StartTimeout = TimeSpan.FromMilliseconds(200));
        var away = await HealthAsync(cluster);

        kafka.Mock.Up();
        await cluster.WriteAsync("key", ["1", "2"]);
        await cluster.Stream("key").OnNextAsync("3");
        await cluster.CollectedAsync(3);

        Assert.Equal(HealthStatus.Degraded, away.Status);
        Assert.Equal(["1", "2", "3"], cluster.Collected.ValuesOf("key"));
        Assert.Contains(cluster.Log.Lines, line => line.StartsWith("Warning 8035", StringComparison.Ordinal));
        Assert.Equal(HealthStatus.Healthy, (await HealthAsync(cluster)).Status);
    }

    [Fact]
    public async Task Publishing_without_a_topic_fails_in_time_and_says_so()
    {
        using var kafka = TestKafka.Start(mock: true);
        kafka.Mock.Down();
        await using var cluster = await KafkaCluster.StartAsync(kafka: kafka, createTopic: false, configure: options =>
            (options.StartTimeout, options.MessageTimeout) = (TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(500)));

        var error = await Assert.ThrowsAsync<KafkaStreamException>(() => cluster.Stream("key").OnNextAsync("1"));

        Assert.Contains(cluster.Topic, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Topic_that_has_less_than_its_group_has_read_is_read_from_its_beginning()
    {
        using var kafka = TestKafka.Start(mock: true);
        var topic = TestKafka.NewTopic();
        kafka.Mock.CreateTopic(topic, 1);
        // As if the topic had been deleted and made anew since.
        using (var consumer = new ConsumerBuilder<byte[], byte[]>(
            new ConsumerConfig { BootstrapServers = kafka.BootstrapServers, GroupId = KafkaCluster.Group }).Build())
            consumer.Commit([new TopicPartitionOffset(topic, 0, 1_000)]);

        await using var cluster = await KafkaCluster.StartAsync(partitions: 1, kafka: kafka, topic: topic, createTopic: false);
        await cluster.WriteAsync("key", ["new"]);
        await cluster.CollectedAsync(1);

        Assert.Equal([("new", 0L)], cluster.Collected.Of("key"));
        Assert.Contains(cluster.Log.Lines, line => line.StartsWith("Warning 8038", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Brokers_that_go_away_and_come_back_cost_no_event()
    {
        await using var cluster = await KafkaCluster.StartAsync(mock: true);
        for (var i = 0; i < 3; i++)
        {
            await cluster.WriteAsync("key", [$"{i}a"]);
            cluster.Kafka.Down();
            var publishing = cluster.Stream("key").OnNextAsync($"{i}b");
            cluster.Kafka.Up();
            await publishing;
        }

        await cluster.CollectedAsync(6);

        Assert.Equal(["0a", "0b", "1a", "1b", "2a", "2b"], cluster.Collected.ValuesOf("key").Distinct());
    }

    [Fact]
    public async Task Event_that_cannot_be_published_fails_with_code_and_remedy()
    {
        await using var cluster = await KafkaCluster.StartAsync(mock: true);
        cluster.Kafka.InjectErrors(KafkaApi.Produce, ErrorCode.TopicAuthorizationFailed);

        var error = await Assert.ThrowsAsync<KafkaStreamException>(() => cluster.Stream("key").OnNextAsync("1"));

        Assert.Equal(ErrorCode.TopicAuthorizationFailed, error.Failure!.Value.Code);
        Assert.Contains("granted Write", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Topic_with_another_number_of_partitions_stops_the_silo_with_the_remedy()
    {
        using var kafka = TestKafka.Start(mock: true);
        var topic = TestKafka.NewTopic();
        await kafka.CreateTopicAsync(topic, 6);

        var error = await Assert.ThrowsAnyAsync<Exception>(() => KafkaCluster.StartAsync(kafka: kafka, topic: topic, createTopic: false));

        Assert.Contains("has 6 partitions", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("Set Partitions = 6", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_of_another_namespace_is_refused()
    {
        await using var cluster = await KafkaCluster.StartAsync(mock: true);

        var error = await Assert.ThrowsAsync<KafkaStreamException>(() => cluster.Stream("key", "elsewhere").OnNextAsync("1"));

        Assert.Contains($"'{KafkaCluster.Implicit}'", error.Message, StringComparison.Ordinal);
    }

    private static async Task<HealthReportEntry> HealthAsync(KafkaCluster cluster)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddHealthChecks().AddKafkaStreams(KafkaCluster.Provider);
        services.AddKeyedSingleton(KafkaCluster.Provider, (_, _) => cluster.Services()
            .GetRequiredKeyedService<KafkaStreamResources>(KafkaCluster.Provider));
        var watch = Stopwatch.StartNew();
        // Not disposed: the resources are the silo's.
        var report = await services.BuildServiceProvider().GetRequiredService<HealthCheckService>()
            .CheckHealthAsync(TestContext.Current.CancellationToken);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"The health check took {watch.Elapsed}.");
        return Assert.Single(report.Entries).Value;
    }
}
