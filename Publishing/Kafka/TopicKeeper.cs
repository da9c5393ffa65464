using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Tikr.Core.Time;
using Tikr.Publishing.Sending;
using Tikr.Streaming.Kafka.Connection;
using Tikr.Streaming.Kafka.Topics;

namespace Tikr.Publishing.Kafka;

/// <summary>Sees to it, in the background, that the topics exist; what is wrong with them shows in the log and at <c>/readyz</c>.</summary>
internal sealed class TopicKeeper(KafkaOutputOptions options, KafkaClients clients, TimeProvider time, ILogger logger) : ITopicGate
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly Backoff Retry = new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5));
    private readonly ConcurrentDictionary<string, bool> _open = new(StringComparer.Ordinal);
    private volatile string? _trouble;

    /// <summary>What is wrong with a topic; null if nothing is known to be.</summary>
    public string? Trouble => _trouble;

    /// <inheritdoc/>
    public bool IsOpen(string topic) => _open.ContainsKey(topic);

    /// <summary>Tries until all of them exist.</summary>
    public async Task RunAsync(IEnumerable<string> topics, CancellationToken cancellation)
    {
        var connection = new KafkaConnectionOptions();
        clients.Connect(connection, "tikr-topics");
        var wanted = new KafkaTopicOptions
        {
            Create = options.CreateTopics,
            Partitions = options.TopicPartitions,
            ReplicationFactor = options.TopicReplication,
            Retention = options.TopicRetention,
        };
        using var admin = new KafkaTopics(connection, logger, time);
        var left = topics.ToHashSet(StringComparer.Ordinal);
        for (var rounds = 0; left.Count > 0; rounds++)
        {
            string? trouble = null;
            foreach (var topic in left.ToList())
            {
                if (await EnsureAsync(admin, topic, wanted, cancellation).ConfigureAwait(false) is { } wrong) trouble = wrong;
                else left.Remove(topic);
            }

            _trouble = trouble;
            if (left.Count > 0) await Task.Delay(Retry.After(rounds), time, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<string?> EnsureAsync(KafkaTopics admin, string topic, KafkaTopicOptions wanted, CancellationToken cancellation)
    {
        try
        {
            await admin.EnsureAsync(topic, wanted, Patience, cancellation).ConfigureAwait(false);
            _open[topic] = true;
            return null;
        }
        catch (KafkaTopicException e)
        {
            // That brokers are away, the client says itself. Where we may not look or create, the brokers tell what they think of each
            // record.
            if (!e.IsTransient && _trouble != e.Message) Log.TopicNotReady(logger, topic, e.Message);
            if (!e.IsTransient) _open[topic] = true;
            return e.IsTransient ? $"topic {topic} is not known to exist yet: the brokers are not reached" : e.Message;
        }
    }
}
