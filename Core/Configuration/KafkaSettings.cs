using System.Collections.Immutable;

namespace Tikr.Core.Configuration;

/// <summary>Where bars are published, and how much may wait for it.</summary>
public sealed record KafkaSettings
{
    /// <summary>Brokers as host:port; none publishes nothing.</summary>
    public ImmutableArray<string> Brokers { get; init; } = [];

    /// <summary>Further settings of the client as name=value. They may hold secrets.</summary>
    public ImmutableArray<string> Settings { get; init; } = [];

    /// <summary>Which partition a key goes to.</summary>
    public KafkaPartitioning Partitioner { get; init; }

    /// <summary>How topics are created.</summary>
    public KafkaTopicSettings Topics { get; init; } = new();

    /// <summary>Outbox partitions of each series.</summary>
    public int OutboxPartitions { get; init; } = 4;

    /// <summary>Most bytes of bars that wait in the store.</summary>
    public long SpoolMaxBytes { get; init; } = TierSettings.Gigabyte;

    /// <summary>Waiting bars of a series with on_failure: block from which on its ingest waits.</summary>
    public int BlockMaxRecords { get; init; } = 100_000;

    /// <summary>How long a bar of a series with on_failure: drop is tried.</summary>
    public TimeSpan DropAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether there is a Kafka to publish to.</summary>
    public bool IsConfigured => !Brokers.IsDefaultOrEmpty;

    /// <summary>Leaves the secrets out, wherever a configuration is printed.</summary>
    public override string ToString() => $"{nameof(KafkaSettings)} {{ {string.Join(",", Brokers)} }}";
}

/// <summary>Which partition a key goes to.</summary>
public enum KafkaPartitioning
{
    /// <summary>That of Java clients.</summary>
    Murmur2,

    /// <summary>That of Go clients built on Sarama, as upstream is.</summary>
    Fnv1a,
}

/// <summary>How missing topics are created.</summary>
public sealed record KafkaTopicSettings
{
    /// <summary>Whether they are.</summary>
    public bool Create { get; init; } = true;

    /// <summary>Partitions.</summary>
    public int Partitions { get; init; } = 8;

    /// <summary>Replicas of each; 0 leaves it to the brokers.</summary>
    public int Replication { get; init; }

    /// <summary>How long records are kept; zero leaves it to the brokers.</summary>
    public TimeSpan Retention { get; init; }
}
