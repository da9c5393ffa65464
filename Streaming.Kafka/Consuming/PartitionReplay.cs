using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Orleans.Streams;
using Tikr.Streaming.Kafka.Caching;
using Tikr.Streaming.Kafka.Provider;

namespace Tikr.Streaming.Kafka.Consuming;

/// <summary>
/// Reads a part of a partition again for subscribers that rewind, all at once, up to where the cache begins; there their cursors go on with
/// the cache. One at a time per partition.
/// </summary>
internal sealed class PartitionReplay : IDisposable
{
    /// <summary>Records that wait for a subscriber before no more are read.</summary>
    private const int MostAhead = 2_000;

    private readonly TopicPartition _partition;
    private readonly RecordReader _reader;
    private readonly IConsumer<byte[]?, byte[]?> _consumer;
    private readonly ILookup<StreamId, CacheCursor> _cursors;
    private readonly ILogger _logger;
    private readonly long _from;
    private long _position;

    /// <summary>Begins; <paramref name="cursors"/> has at least one.</summary>
    public PartitionReplay(TopicPartition partition, IReadOnlyList<CacheCursor> cursors,
        ConsumerClients clients, RecordReader reader, ILogger logger)
    {
        (_partition, _reader, _logger) = (partition, reader, logger);
        _cursors = cursors.ToLookup(cursor => cursor.Chain.Stream);
        _position = _from = cursors.Min(cursor => cursor.ReplayFrom);
        _consumer = clients.BuildReplay();
        _consumer.Assign([new TopicPartitionOffset(partition, _from)]);
        Log.ReplayBegan(logger, partition.Topic, partition.Partition.Value, _from, cursors.Count);
    }

    /// <summary>Whether the cursors have been handed to the cache.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Reads on as far as there is room, without waiting. Returns what wakes the subscribers that got something.</summary>
    public IReadOnlyList<IBatchContainer> Read(RecordCache cache, int most)
    {
        HashSet<StreamId> woken = [];
        if (_cursors.SelectMany(cursors => cursors).All(cursor => cursor.IsDisposed))
        {
            End(cache, woken);
            return [];
        }

        for (var i = 0; i < most && !IsOver; i++)
        {
            if (_position >= cache.Low)
            {
                End(cache, woken);
                break;
            }

            if (IsFarAhead() || Consume() is not { } record) break;
            if (record.IsPartitionEOF)
            {
                _position = Math.Max(_position, record.Offset.Value);
                continue;
            }

            if (record.Offset.Value >= cache.Low)
            {
                End(cache, woken);
                break;
            }

            _position = record.Offset.Value + 1;
            Hand(KafkaConsumedRecord.Of(record), woken);
        }

        return [.. woken.Select(stream => new WakeUp(stream, cache.Low - 1))];
    }

    public void Dispose()
    {
        _consumer.Close();
        _consumer.Dispose();
    }

    private ConsumeResult<byte[]?, byte[]?>? Consume()
    {
        try
        {
            return _consumer.Consume(TimeSpan.Zero);
        }
        catch (ConsumeException e)
        {
            // It comes again when the client has tried again; the client's own log has the reason.
            Log.ReplayTroubled(_logger, _partition.Topic, _partition.Partition.Value, e.Error.Code);
            return null;
        }
    }

    private bool IsFarAhead() => _cursors.SelectMany(cursors => cursors).Any(cursor => cursor.History?.Count >= MostAhead);

    private void Hand(in KafkaConsumedRecord record, HashSet<StreamId> woken)
    {
        if (_reader.StreamOf(record) is not { } stream || !_cursors.Contains(stream)) return;
        if (_reader.Read(record) is not { } batch) return;
        foreach (var cursor in _cursors[stream])
        {
            if (cursor.History is not { } history || record.Offset < cursor.ReplayFrom) continue;
            history.Enqueue(batch);
            woken.Add(stream);
        }
    }

    private void End(RecordCache cache, HashSet<StreamId> woken)
    {
        IsOver = true;
        foreach (var cursor in _cursors.SelectMany(cursors => cursors))
        {
            cursor.EndReplay(Math.Max(_position, cursor.ReplayFrom));
            if (!cursor.IsDisposed) woken.Add(cursor.Chain.Stream);
        }

        Log.ReplayEnded(_logger, _partition.Topic, _partition.Partition.Value, _from, _position);
    }
}
