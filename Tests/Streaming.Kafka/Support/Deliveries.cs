using System.Collections.Concurrent;
using Tikr.Streaming.Kafka.Producing;

namespace Tikr.Tests.Streaming.Kafka.Support;

/// <summary>Keeps what became of records.</summary>
internal sealed class Deliveries : IKafkaDelivery
{
    private readonly ConcurrentQueue<long> _order = new();

    public ConcurrentDictionary<long, (int Partition, long Offset)> Delivered { get; } = new();

    public ConcurrentDictionary<long, KafkaDeliveryFailure> Failed { get; } = new();

    /// <summary>Tokens in the order of their reports.</summary>
    public IReadOnlyList<long> Order => [.. _order];

    public int Count => _order.Count;

    void IKafkaDelivery.Delivered(long token, int partition, long offset)
    {
        if (Failed.ContainsKey(token) || !Delivered.TryAdd(token, (partition, offset)))
            throw new InvalidOperationException($"Token {token} is reported twice.");
        _order.Enqueue(token);
    }

    void IKafkaDelivery.Failed(long token, KafkaDeliveryFailure failure)
    {
        if (Delivered.ContainsKey(token) || !Failed.TryAdd(token, failure))
            throw new InvalidOperationException($"Token {token} is reported twice.");
        _order.Enqueue(token);
    }
}
