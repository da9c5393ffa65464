namespace Tikr.Streaming.Kafka.Caching;

/// <summary>
/// The cached records of one stream, and the cursors that wait for its next: a cursor never sees records of other streams.
/// </summary>
internal sealed class StreamChain(StreamId stream)
{
    public StreamId Stream => stream;

    public CachedRecord? First { get; private set; }

    public CachedRecord? Last { get; private set; }

    /// <summary>Cursors at the end.</summary>
    public List<CacheCursor> Waiting { get; } = [];

    /// <summary>Cursors that have not been disposed.</summary>
    public int Cursors { get; set; }

    /// <summary>Whether nothing would be lost without it.</summary>
    public bool IsIdle => First is null && Cursors == 0;

    /// <summary>Puts a record at the end and gives it to those who wait for it.</summary>
    public void Append(CachedRecord record)
    {
        if (Last is null) First = record;
        else Last.NextInStream = record;
        Last = record;
        for (var i = Waiting.Count - 1; i >= 0; i--)
        {
            if (Waiting[i].TryStartAt(record)) Waiting.RemoveAt(i);
        }
    }

    /// <summary>Takes the first record away.</summary>
    public void RemoveFirst()
    {
        First = First!.NextInStream;
        if (First is null) Last = null;
    }
}
