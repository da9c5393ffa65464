using Confluent.Kafka;

namespace Tikr.Streaming.Kafka.Producing;

/// <summary>
/// Holds the client that records go through. It can be taken away at any moment, and is only disposed when nobody is inside a call of it:
/// the native handle behind it would be freed under their feet.
/// </summary>
internal sealed class ClientGate
{
    private IProducer<byte[]?, byte[]?>? _client;
    private int _inside;

    /// <summary>Enters; null when there is no client just now. Leave in any case.</summary>
    public IProducer<byte[]?, byte[]?>? Enter()
    {
        Interlocked.Increment(ref _inside);
        return Volatile.Read(ref _client);
    }

    public void Leave() => Interlocked.Decrement(ref _inside);

    /// <summary>Opens with a new client.</summary>
    public void Open(IProducer<byte[]?, byte[]?> client) => Volatile.Write(ref _client, client);

    /// <summary>Closes for everybody if this is the client; false if somebody else was first.</summary>
    public bool TryClose(IProducer<byte[]?, byte[]?> client) => Interlocked.CompareExchange(ref _client, null, client) == client;

    /// <summary>Closes, with the client that was there.</summary>
    public IProducer<byte[]?, byte[]?>? Close() => Interlocked.Exchange(ref _client, null);

    /// <summary>Waits until nobody is inside; calls are short.</summary>
    public async Task LeftAsync()
    {
        while (Volatile.Read(ref _inside) > 0) await Task.Yield();
    }
}
