using Confluent.Kafka;
using Tikr.Streaming.Kafka;
using Tikr.Streaming.Kafka.Mapping;
using Tikr.Streaming.Kafka.Producing;
using Tikr.Streaming.Kafka.Provider;
using Tikr.Tests.Support;

namespace Tikr.Tests.Streaming.Kafka.Options;

/// <summary>Options that cannot work are refused at start, all mistakes at once.</summary>
public sealed class OptionsTests
{
    public static TheoryData<string, Action<KafkaStreamOptions>> Mistakes => new()
    {
        { "BootstrapServers is empty", options => options.BootstrapServers = " " },
        { "BootstrapServers has 'kafka'", options => options.BootstrapServers = "kafka" },
        { "BootstrapServers has 'kafka:0'", options => options.BootstrapServers = "other:9092, kafka:0" },
        { "ClientId is empty", options => options.ClientId = "" },
        { "Topic is 'a topic'", options => options.Topic = "a topic" },
        { "Topic is ''", options => options.Topic = "" },
        { "Partitions is 0", options => options.Partitions = 0 },
        { "ReplicationFactor is 0", options => options.TopicOptions.ReplicationFactor = 0 },
        { "Retention is 00:00:00", options => options.TopicOptions.Retention = TimeSpan.Zero },
        { "MaxInFlightRecords is 0", options => options.MaxInFlightRecords = 0 },
        { "MaxInFlightBytes is -1", options => options.MaxInFlightBytes = -1 },
        { "MaxMessageBytes is 10", options => options.MaxMessageBytes = 10 },
        { "MessageTimeout is 00:00:00", options => options.MessageTimeout = TimeSpan.Zero },
        { "Linger is 00:00:40 and MessageTimeout 00:00:30", options => options.Linger = TimeSpan.FromSeconds(40) },
        { "Partitioner is 9", options => options.Partitioner = (KafkaPartitioner)9 },
        { "Compression is 77", options => options.Compression = (CompressionType)77 },
        { "Mapping is 5", options => options.Mapping = (KafkaStreamMapping)5 },
        { "BeginWith is 5", options => options.BeginWith = (KafkaBegin)5 },
        { "CommitInterval is 00:00:00", options => options.CommitInterval = TimeSpan.Zero },
        { "CacheRecords is 10 and ReadBatch 1000", options => options.CacheRecords = 10 },
        { "SaslMechanism is Plain: it needs", options => (options.SecurityProtocol, options.SaslMechanism,
            options.SaslUsername) = (SecurityProtocol.SaslSsl, SaslMechanism.Plain, "user") },
        { "SecurityProtocol is not set while SASL", options => (options.SaslUsername, options.SaslPassword) = ("user", "hunter2") },
        { "SslKeyLocation is set without", options => options.SslKeyLocation = "/key.pem" },
        { "Settings has 'acks'", options => options.Settings["acks"] = "1" },
        { "Settings has 'enable.idempotence'", options => options.Settings["enable.idempotence"] = "false" },
        { "Settings has 'enable.auto.offset.store'", options => options.Settings["enable.auto.offset.store"] = "true" },
        { "Settings has 'group.id'", options => options.Settings["group.id"] = "x" },
        { "StatisticsInterval is -", options => options.StatisticsInterval = TimeSpan.FromSeconds(-1) },
    };

    [Fact]
    public void Defaults_with_brokers_and_topic_are_enough() => new KafkaStreamOptionsValidator(Good(), "kafka").ValidateConfiguration();

    [Theory]
    [MemberData(nameof(Mistakes), DisableDiscoveryEnumeration = true)]
    public void Mistake_is_named_with_its_value_and_alone(string text, Action<KafkaStreamOptions> make)
    {
        var options = Good();
        make(options);

        var error = Assert.Single(KafkaStreamOptionsValidator.ErrorsOf(options));

        Assert.StartsWith(text, error, StringComparison.Ordinal);
        Assert.Matches("\\. .+", error);
    }

    [Fact]
    public void All_mistakes_are_reported_at_once_and_without_secrets()
    {
        var options = Good();
        (options.Topic, options.Partitions, options.SaslPassword, options.BootstrapServers) = ("", -1, "hunter2", "nowhere");

        var error = Assert.Throws<OrleansConfigurationException>(() => new KafkaStreamOptionsValidator(options, "orders")
            .ValidateConfiguration()).Message;

        Assert.Contains("'orders'", error, StringComparison.Ordinal);
        Assert.Equal(5, error.Split('\n').Length);
        Assert.DoesNotContain("hunter2", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Producer_refuses_options_that_cannot_work() =>
        Assert.Contains("MaxInFlightRecords",
            Assert.Throws<KafkaConfigurationException>(() => new KafkaRecordProducer(new KafkaProducerOptions
            {
                BootstrapServers = "a:1",
                MaxInFlightRecords = 0
            }, new LogRecorder())).Message, StringComparison.Ordinal);

    [Fact]
    public void Setting_that_librdkafka_does_not_know_is_named()
    {
        var options = new KafkaProducerOptions { BootstrapServers = "127.0.0.1:1" };
        options.Settings["no.such.setting"] = "1";

        var error = Assert.Throws<KafkaConfigurationException>(() => new KafkaRecordProducer(options, new LogRecorder())).Message;

        Assert.Contains("no.such.setting", error, StringComparison.Ordinal);
    }

    private static KafkaStreamOptions Good() => new() { BootstrapServers = "kafka:9092,other:9093", Topic = "orders" };
}
