using Tikr.Streaming.Kafka.Connection;
using Tikr.Streaming.Kafka.Topics;
using Tikr.Tests.Support;
using Tikr.Tests.Support.Kafka;

namespace Tikr.Tests.Streaming.Kafka.Topics;

/// <summary>Topics are there, or it is said why not.</summary>
public sealed class TopicTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Topic_that_exists_answers_with_its_partitions()
    {
        using var kafka = MockKafka.Start();
        kafka.CreateTopic("there", 6);
        using var topics = New(kafka);

        Assert.Equal(6, await EnsureAsync(topics, "there", new KafkaTopicOptions { Create = false }));
    }

    [Fact]
    public async Task Topic_that_is_missing_is_created()
    {
        using var kafka = TestKafka.Start();
        using var topics = new KafkaTopics(new KafkaConnectionOptions { BootstrapServers = kafka.BootstrapServers }, new LogRecorder());
        var name = TestKafka.NewTopic();

        // A mock has no requests for topics; it makes them by itself, with four partitions.
        var partitions = await EnsureAsync(topics, name, new KafkaTopicOptions { Partitions = 3 });

        Assert.Equal(kafka.IsReal ? 3 : 4, partitions);
        Assert.Equal(partitions, await EnsureAsync(topics, name, new KafkaTopicOptions { Create = false }));
    }

    [Fact]
    public async Task Missing_topic_that_may_not_be_created_is_an_error_with_topic_rule_and_remedy()
    {
        using var kafka = MockKafka.Start();
        using var topics = New(kafka);

        var error = await Assert.ThrowsAsync<KafkaTopicException>(() => EnsureAsync(
            topics, "missing", new KafkaTopicOptions { Create = false }));

        Assert.Equal(("missing", ErrorCode.UnknownTopicOrPart, false), (error.Topic, error.Code, error.IsTransient));
        Assert.Contains("kafka-topics.sh --create --topic missing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Topic_that_refuses_us_is_a_permanent_error()
    {
        using var kafka = MockKafka.Start();
        kafka.SetTopicError("forbidden", ErrorCode.TopicAuthorizationFailed);
        using var topics = New(kafka);

        var error = await Assert.ThrowsAsync<KafkaTopicException>(() => EnsureAsync(topics, "forbidden", new KafkaTopicOptions()));

        Assert.Equal((ErrorCode.TopicAuthorizationFailed, false), (error.Code, error.IsTransient));
        Assert.Contains("kafka-acls.sh", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Brokers_that_are_away_are_a_transient_error()
    {
        using var kafka = MockKafka.Start();
        kafka.Down();
        using var topics = New(kafka);

        var error = await Assert.ThrowsAsync<KafkaTopicException>(() =>
            topics.EnsureAsync("any", new KafkaTopicOptions(), TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken));

        Assert.True(error.IsTransient);
    }

    [Fact]
    public void Specification_has_what_the_options_say()
    {
        var options = new KafkaTopicOptions { Partitions = 12, ReplicationFactor = 3, Retention = TimeSpan.FromHours(2) };
        options.Settings["cleanup.policy"] = "compact";

        var specification = options.SpecificationOf("bars");

        Assert.Equal(("bars", 12, (short)3), (specification.Name, specification.NumPartitions, specification.ReplicationFactor));
        Assert.Equal(new Dictionary<string, string> { ["cleanup.policy"] = "compact", ["retention.ms"] = "7200000" },
            specification.Configs);
    }

    private static KafkaTopics New(MockKafka kafka) =>
        new(new KafkaConnectionOptions { BootstrapServers = kafka.BootstrapServers }, new LogRecorder());

    private static Task<int> EnsureAsync(KafkaTopics topics, string topic, KafkaTopicOptions options) =>
        topics.EnsureAsync(topic, options, Patience, TestContext.Current.CancellationToken);
}
