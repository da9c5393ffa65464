using Confluent.Kafka;

namespace Tikr.Tests.Support.Kafka;

/// <summary>A plain consumer that knows nothing of ours: reads everything that a topic holds.</summary>
public sealed class TopicReader : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _topic;
    private readonly Dictionary<Partition, Offset> _read = [];
    private readonly IConsumer<byte[]?, byte[]?> _consumer;

    public TopicReader(string bootstrapServers, string topic)
    {
        _topic = topic;
        _consumer = new ConsumerBuilder<byte[]?, byte[]?>(new ConsumerConfig
        {
            BootstrapServers = bootstrapServers,
            GroupId = $"reader-{Guid.NewGuid():N}",
            EnableAutoCommit = false,
            EnablePartitionEof = true,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            FetchWaitMaxMs = 20,
        }).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
    }

    /// <summary>Everything from the beginning to the end of now, partition by partition in order of offset.</summary>
    public IReadOnlyList<ConsumeResult<byte[]?, byte[]?>> ReadAll()
    {
        _read.Clear();
        return ReadNew();
    }

    /// <summary>The same from where the last reading ended.</summary>
    public IReadOnlyList<ConsumeResult<byte[]?, byte[]?>> ReadNew()
    {
        var partitions = PartitionsOf();
        _consumer.Assign(partitions.Select(partition =>
            new TopicPartitionOffset(_topic, partition, _read.GetValueOrDefault(partition, Offset.Beginning))));
        HashSet<int> open = [.. partitions.Select(partition => partition.Value)];
        List<ConsumeResult<byte[]?, byte[]?>> records = [];
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        while (open.Count > 0)
        {
            if (System.Diagnostics.Stopwatch.GetElapsedTime(started) > Patience)
                throw new TimeoutException($"Reading {_topic}: partitions {string.Join(", ", open)} "
                    + $"had no end within {Patience.TotalSeconds} s; {records.Count} records so far.");
            if (_consumer.Consume(TimeSpan.FromMilliseconds(100)) is not { } result) continue;
            _read[result.Partition] = result.IsPartitionEOF ? result.Offset : result.Offset + 1;
            if (result.IsPartitionEOF) open.Remove(result.Partition.Value);
            else records.Add(result);
        }

        _consumer.Unassign();
        return [.. records.OrderBy(record => record.Partition.Value).ThenBy(record => record.Offset.Value)];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _consumer.Close();
        _consumer.Dispose();
    }

    private IReadOnlyList<Partition> PartitionsOf()
    {
        using var admin = new DependentAdminClientBuilder(_consumer.Handle).Build();
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        while (true)
        {
            var topic = admin.GetMetadata(_topic, Patience).Topics.Single();
            if (topic is { Error.IsError: false, Partitions.Count: > 0 })
                return [.. topic.Partitions.Select(partition => new Partition(partition.PartitionId))];
            if (System.Diagnostics.Stopwatch.GetElapsedTime(started) > Patience)
                throw new TimeoutException($"Topic {_topic}: {topic.Error}");
        }
    }
}
