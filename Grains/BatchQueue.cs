using System.Threading.Channels;

namespace Tikr.Grains;

/// <summary>What the whole silo asks of one loop: whatever waits is served together, one batch at a time.</summary>
internal sealed class BatchQueue<T>
{
    private readonly Channel<T> _items = Channel.CreateUnbounded<T>(new UnboundedChannelOptions { SingleReader = true });
    private int _waiting;

    /// <summary>Items queued and not served.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Queues an item; false once the queue is closed.</summary>
    public bool TryAdd(T item)
    {
        Interlocked.Increment(ref _waiting);
        if (_items.Writer.TryWrite(item)) return true;
        Interlocked.Decrement(ref _waiting);
        return false;
    }

    /// <summary>Takes no further item; <see cref="RunAsync"/> ends once those that wait are served.</summary>
    public void Close() => _items.Writer.TryComplete();

    /// <summary>Serves batches until the queue is closed and empty.</summary>
    /// <param name="most">Most items of the next batch.</param>
    /// <param name="serve">Serves a batch; the list is used again for the next one.</param>
    public async Task RunAsync(Func<int> most, Func<List<T>, Task> serve)
    {
        var batch = new List<T>();
        while (await _items.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            for (var atMost = most(); batch.Count < atMost && _items.Reader.TryRead(out var item);) batch.Add(item);
            await serve(batch).ConfigureAwait(false);
            Interlocked.Add(ref _waiting, -batch.Count);
            batch.Clear();
        }
    }
}
