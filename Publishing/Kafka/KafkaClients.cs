using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Tikr.Core.Specs;
using Tikr.Publishing.Sending;
using Tikr.Streaming.Kafka.Connection;
using Tikr.Streaming.Kafka.Producing;

namespace Tikr.Publishing.Kafka;

/// <summary>The producers, one for each failure policy: what waits for one must not hold up the others.</summary>
internal sealed class KafkaClients(KafkaOutputOptions options, IMeterFactory meters, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    // What waits in the outbox waits for the brokers as long as it may live: the client keeps it in order meanwhile, as far as brokers can
    // tell.
    private static readonly TimeSpan Patience = TimeSpan.FromHours(23), FlushTime = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<FailurePolicy, Lazy<KafkaRecordProducer>> _producers = new();

    /// <summary>Where the records of one sender go.</summary>
    public IRecordSink SinkOf(FailurePolicy policy) => new KafkaSink(_producers.GetOrAdd(policy, Make).Value);

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_producers.Values.Where(producer => producer.IsValueCreated)
            .Select(producer => producer.Value.DisposeAsync().AsTask())).ConfigureAwait(false);
        _producers.Clear();
    }

    private Lazy<KafkaRecordProducer> Make(FailurePolicy policy) => new(() =>
    {
        var producer = new KafkaProducerOptions
        {
            MessageTimeout = policy == FailurePolicy.Drop ? options.DropAfter : Patience,
            FlushTimeout = policy == FailurePolicy.Drop ? FlushTime : TimeSpan.Zero,
            Partitioner = options.UseFnv1a ? KafkaPartitioner.Fnv1a : KafkaPartitioner.Murmur2,
        };
        Connect(producer, $"tikr-{policy.ToString().ToLowerInvariant()}");
        return new KafkaRecordProducer(producer, logger, meters, time);
    });

    /// <summary>Fills in where the brokers are.</summary>
    public void Connect(KafkaConnectionOptions to, string clientId)
    {
        (to.BootstrapServers, to.ClientId) = (options.Brokers, clientId);
        foreach (var (name, value) in options.Settings) to.Settings[name] = value;
    }
}
