using Tikr.Streaming.Kafka.Connection;

namespace Tikr.Streaming.Kafka.Topics;

/// <summary>How a topic is to be, where it does not exist yet. One that exists is left as it is.</summary>
public sealed class KafkaTopicOptions
{
    /// <summary>Whether a missing topic may be created. If not, a missing topic is an error.</summary>
    public bool Create { get; set; } = true;

    /// <summary>Partitions of a created topic: 8.</summary>
    public int Partitions { get; set; } = 8;

    /// <summary>Replicas of each partition; -1 leaves it to the brokers (default.replication.factor).</summary>
    public short ReplicationFactor { get; set; } = -1;

    /// <summary>How long records are kept (retention.ms); null leaves it to the brokers.</summary>
    public TimeSpan? Retention { get; set; }

    /// <summary>Other settings of a created topic, by Kafka's names.</summary>
    public IDictionary<string, string> Settings { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Adds what is wrong, each with value, rule and remedy.</summary>
    internal void Check(List<string> errors)
    {
        ConnectionRules.CheckRange("Partitions", Partitions, 1, 10_000, "The default is 8.", errors);
        if (ReplicationFactor != -1)
            ConnectionRules.CheckRange("ReplicationFactor", (int)ReplicationFactor, 1, 100, "-1 leaves it to the brokers.", errors);
        if (Retention is { } retention && retention < TimeSpan.FromSeconds(1))
            errors.Add($"Retention is {retention}: it must be at least 1 s. Leave it null for the brokers' default.");
    }

    /// <summary>What is created.</summary>
    internal Confluent.Kafka.Admin.TopicSpecification SpecificationOf(string topic)
    {
        var configs = new Dictionary<string, string>(Settings);
        if (Retention is { } retention)
            configs["retention.ms"] = ((long)retention.TotalMilliseconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return new() { Name = topic, NumPartitions = Partitions, ReplicationFactor = ReplicationFactor, Configs = configs };
    }
}
