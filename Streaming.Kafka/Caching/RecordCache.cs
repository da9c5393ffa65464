using System.Diagnostics.CodeAnalysis;
using Orleans.Streams;
using Tikr.Streaming.Kafka.Provider;

namespace Tikr.Streaming.Kafka.Caching;

/// <summary>
/// The records of one partition between their arrival and their delivery to every subscriber. Orders by offset for committing, and by
/// stream for reading: a step of a cursor costs the same with one stream or a hundred thousand. Only the pulling agent of its queue uses
/// it.
/// </summary>
internal sealed class RecordCache(RecordCacheLimits limits, TimeProvider time) : IQueueCache
{
    private readonly Dictionary<StreamId, StreamChain> _chains = [];
    private readonly List<CacheCursor> _replays = [];
    private CachedRecord? _oldest, _newest, _firstUndelivered;
    private long _next;

    /// <summary>Records in the cache that some subscriber has still to get.</summary>
    public int Undelivered { get; private set; }

    /// <summary>Records in the cache.</summary>
    public int Count { get; private set; }

    /// <summary>Steps that cursors took, for tests of their cost.</summary>
    public long Visited { get; set; }

    /// <summary>Most records that the agent takes from a cursor before it delivers them.</summary>
    public int DeliveryBatch => limits.DeliveryBatch;

    /// <summary>From this offset on, what has been received is here.</summary>
    public long Low => _oldest?.Offset ?? _next;

    /// <summary>Offset of the last record that, with all before it, every subscriber has got; -1 if there is none yet.</summary>
    public long DeliveredThrough { get; private set; } = -1;

    /// <summary>Says with which offset the partition begins for us.</summary>
    public void BeginAt(long offset) => _next = offset;

    // The last word of an agent that stops, while its cursors still stand where they are.
    public void UpdateDeliveryProgress(StreamSequenceToken? earliestSubscriptionToken, DateTime utcNow) => TryPurgeFromCache(out _);

    // Asked before the agent purges, and a cache that says "none" is never purged.
    public int GetMaxAddCount() => limits.ReadBatch;

    public bool IsUnderPressure() => Undelivered + limits.ReadBatch > limits.Records || Count > 2 * limits.Records;

    public void AddToCache(IList<IBatchContainer> messages)
    {
        foreach (var batch in messages)
        {
            if (batch is WakeUp) continue;
            var offset = batch.SequenceToken.SequenceNumber;
            var chain = ChainOf(batch.StreamId);
            var record = new CachedRecord(batch, offset, chain, time.GetTimestamp());
            if (_newest is null) _oldest = record;
            else _newest.NextInQueue = record;
            _newest = record;
            _firstUndelivered ??= record;
            _next = offset + 1;
            Count++;
            Undelivered++;
            chain.Append(record);
        }
    }

    public bool TryPurgeFromCache([MaybeNullWhen(false)] out IList<IBatchContainer> purgedItems)
    {
        List<IBatchContainer>? delivered = null;
        while (_firstUndelivered is { Pins: 0 } record)
        {
            (delivered ??= []).Add(record.Batch);
            DeliveredThrough = record.Offset;
            _firstUndelivered = record.NextInQueue;
            Undelivered--;
        }

        DropDelivered();
        purgedItems = delivered;
        return delivered is not null;
    }

    public IQueueCacheCursor GetCacheCursor(StreamId streamId, StreamSequenceToken? token)
    {
        var cursor = new CacheCursor(this, ChainOf(streamId));
        if (token is null)
        {
            cursor.WaitFrom(0);
        }
        else if (token.SequenceNumber < Low && !KafkaOffsets.IsOfRecord(token))
        {
            cursor.Replay(Math.Max(0, token.SequenceNumber));
            _replays.Add(cursor);
        }
        else
        {
            // A subscriber that comes back has had everything up to its token; what was committed since then it has had as well.
            Place(cursor, token.SequenceNumber, KafkaOffsets.IsOfRecord(token) ? token.SequenceNumber + 1 : token.SequenceNumber);
        }

        return cursor;
    }

    public QueueCacheCursorResult<IQueueCacheCursor> TryGetCacheCursorAtPosition(
        StreamId streamId, StreamSubscriptionStartPosition startPosition)
    {
        var cursor = new CacheCursor(this, ChainOf(streamId));
        if (startPosition == StreamSubscriptionStartPosition.EarliestAvailable) Place(cursor, 0);
        else cursor.WaitFrom(0);
        return QueueCacheCursorResult<IQueueCacheCursor>.FromCursor(cursor);
    }

    /// <summary>Puts a cursor before the first record of its stream that is not before an offset.</summary>
    public void Place(CacheCursor cursor, long offset) => Place(cursor, offset, offset);

    /// <summary>Takes the cursors that asked for records from before the cache since the last call.</summary>
    public IReadOnlyList<CacheCursor> TakeReplays()
    {
        if (_replays.Count == 0) return [];
        CacheCursor[] taken = [.. _replays.Where(cursor => !cursor.IsDisposed)];
        _replays.Clear();
        return taken;
    }

    /// <summary>Drops what is kept of a stream if nobody needs it.</summary>
    public void Forget(StreamChain chain)
    {
        if (chain.IsIdle && _chains.TryGetValue(chain.Stream, out var known) && known == chain) _chains.Remove(chain.Stream);
    }

    // Delivered records stay for a moment: a subscriber who is just being attached may have been promised one of them.
    private void DropDelivered()
    {
        while (_oldest is { Pins: 0 } record && record != _firstUndelivered
            && (Count - Undelivered > limits.Records || time.GetElapsedTime(record.AddedAt) >= limits.Linger))
        {
            _oldest = record.NextInQueue;
            if (_oldest is null) _newest = null;
            Count--;
            record.Chain.RemoveFirst();
            Forget(record.Chain);
        }
    }

    private void Place(CacheCursor cursor, long offset, long orWaitFor)
    {
        var record = cursor.Chain.First;
        while (record is not null && record.Offset < offset)
        {
            Visited++;
            record = record.NextInStream;
        }

        if (record is null) cursor.WaitFrom(orWaitFor);
        else cursor.StartAt(record);
    }

    private StreamChain ChainOf(StreamId stream) =>
        _chains.TryGetValue(stream, out var chain) ? chain : _chains[stream] = new StreamChain(stream);
}
