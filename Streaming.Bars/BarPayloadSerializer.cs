using Tikr.Core.Otlp;
using Tikr.Streaming.Kafka.Consuming;
using Tikr.Streaming.Kafka.Payload;

namespace Tikr.Streaming.Bars;

/// <summary>
/// Reads the records that Tikr publishes, in any of its encodings. Records that are no bars are passed over as poison: counted and logged
/// with the reason. Bars are published by Tikr, so nothing can be written.
/// </summary>
public sealed class BarPayloadSerializer : IKafkaPayloadSerializer
{
    /// <inheritdoc/>
    public IReadOnlyList<KafkaPayload> Serialize<T>(StreamId stream, IEnumerable<T> events, Dictionary<string, object>? requestContext) =>
        throw new NotSupportedException(Errors.ReadOnly(stream));

    /// <inheritdoc/>
    public KafkaEvents Deserialize(in KafkaConsumedRecord record)
    {
        if (record.Value is not { } value) return new KafkaEvents([]);
        if (!BarPayload.TryRead(value, out var bars, out var reason)) throw new InvalidDataException(reason);
        var events = new object[bars.Count];
        for (var i = 0; i < events.Length; i++) events[i] = ToBar(bars[i]);
        return new KafkaEvents(events);
    }

    private static Bar ToBar(PublishedBar bar) => new()
    {
        Series = bar.Series,
        Key = RecordKey.Of(bar.Dimensions),
        Dimensions = bar.Dimensions,
        BucketStart = bar.BucketStart,
        BucketEnd = bar.BucketEnd,
        FirstTimestamp = bar.FirstTimestamp,
        LastTimestamp = bar.LastTimestamp,
        TickCount = bar.TickCount,
        Revision = bar.Revision,
        Metrics = bar.Metrics,
    };
}
