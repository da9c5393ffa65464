using Microsoft.Extensions.Time.Testing;
using Orleans.Streams;
using Tikr.Streaming.Kafka.Caching;
using Tikr.Streaming.Kafka.Provider;

namespace Tikr.Tests.Streaming.Kafka.Caching;

/// <summary>A cache as the pulling agent uses it.</summary>
internal sealed class CacheHarness(int records = 1_000, int deliveryBatch = 1)
{
    private long _next;

    public FakeTimeProvider Time { get; } = new();

    public RecordCache Cache =>
        field ??= new RecordCache(new RecordCacheLimits(records, 100, deliveryBatch, TimeSpan.FromSeconds(1)), Time);

    public static StreamId Stream(int number = 0) => StreamId.Create("test", $"{number}");

    /// <summary>Adds records with the next offsets, one to each of the streams named.</summary>
    public void Add(params int[] streams) =>
        Cache.AddToCache(
            [.. streams.Select(stream => new KafkaBatchContainer { StreamId = Stream(stream), Offset = _next++, Events = ["event"] })]);

    public void Skip(int offsets) => _next += offsets;

    public CacheCursor CursorAt(int stream, StreamSequenceToken? token) => (CacheCursor)Cache.GetCacheCursor(Stream(stream), token);

    /// <summary>A cursor as a registering subscription gets it: at the record that made its stream known.</summary>
    public CacheCursor CursorAtRecord(int stream, long offset) => CursorAt(stream, KafkaOffsets.OfRecord(offset));

    public static IReadOnlyList<long> Drain(CacheCursor cursor)
    {
        List<long> offsets = [];
        while (cursor.MoveNext()) offsets.Add(cursor.GetCurrent(out _)!.SequenceToken.SequenceNumber);
        return offsets;
    }

    /// <summary>Offsets that are delivered since the last time.</summary>
    public IReadOnlyList<long> Purge() =>
        Cache.TryPurgeFromCache(out var purged) ? [.. purged.Select(batch => batch.SequenceToken.SequenceNumber)] : [];
}
