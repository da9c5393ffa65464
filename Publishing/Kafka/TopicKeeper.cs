using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Tikr.Core.Time;
using Tikr.Publishing.Sending;
using Tikr.Streaming.Kafka.Connection;
using Tikr.Streaming.Kafka.Topics;

namespace Tikr.Publishing.Kafka;

/// <summary>Sees to it, in the background, that the topics exist; what is wrong with them shows in the log and at <c>/readyz</c>.</summary>
internal sealed class TopicKeeper(KafkaOutputOptions options, KafkaClients clients, TimeProvider time, ILogger logger)
    : ITopicGate, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly Backoff Retry = new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5));
    private readonly ConcurrentDictionary<string, bool> _open = new(StringComparer.Ordinal);
    private readonly Wake _wake = new(time);
    private volatile string[] _wanted = [];
    private volatile string? _trouble;

    /// <summary>What is wrong with a topic; null if nothing is known to be.</summary>
    public string? Trouble => _trouble;

    /// <inheritdoc/>
    public bool IsOpen(string topic) => _open.ContainsKey(topic);

    /// <summary>These topics are to exist, and no others need to.</summary>
    public void Want(IEnumerable<string> topics)
    {
        _wanted = [.. topics];
        _wake.Set();
    }

    /// <summary>Tries until all that are wanted exist, then waits for others.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        KafkaTopics? admin = null;
        try
        {
            var ensured = new HashSet<string>(StringComparer.Ordinal);
            for (var rounds = 0; ;)
            {
                // The client cannot be interrupted while it waits for brokers.
                cancellation.ThrowIfCancellationRequested();
                var left = _wanted.Where(topic => !ensured.Contains(topic)).ToList();
                if (left.Count > 0)
                    _trouble = await EnsureAsync(admin ??= NewAdmin(), left, ensured, cancellation).ConfigureAwait(false);
                rounds = left.TrueForAll(ensured.Contains) ? 0 : rounds + 1;
                var pause = rounds == 0 ? Timeout.InfiniteTimeSpan : Retry.After(rounds - 1);
                await _wake.WaitAsync(pause, cancellation).ConfigureAwait(false);
            }
        }
        finally
        {
            admin?.Dispose();
        }
    }

    public void Dispose() => _wake.Dispose();

    private KafkaTopics NewAdmin()
    {
        var connection = new KafkaConnectionOptions();
        clients.Connect(connection, "tikr-topics");
        return new KafkaTopics(connection, logger, time);
    }

    private async Task<string?> EnsureAsync(
        KafkaTopics admin, List<string> topics, HashSet<string> ensured, CancellationToken cancellation)
    {
        var wanted = new KafkaTopicOptions
        {
            Create = options.CreateTopics,
            Partitions = options.TopicPartitions,
            ReplicationFactor = options.TopicReplication,
            Retention = options.TopicRetention,
        };
        string? trouble = null;
        foreach (var topic in topics)
        {
            if (await EnsureAsync(admin, topic, wanted, cancellation).ConfigureAwait(false) is { } wrong) trouble = wrong;
            else ensured.Add(topic);
        }

        return trouble;
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
