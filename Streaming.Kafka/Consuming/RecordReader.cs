using Microsoft.Extensions.Logging;
using Tikr.Streaming.Kafka.Diagnostics;
using Tikr.Streaming.Kafka.Mapping;
using Tikr.Streaming.Kafka.Payload;
using Tikr.Streaming.Kafka.Provider;

namespace Tikr.Streaming.Kafka.Consuming;

/// <summary>
/// Turns records into what subscribers get. Whatever cannot be read is found here and passed over: an exception on the way to a subscriber
/// would be tried again for a minute, with the whole stream behind it.
/// </summary>
internal sealed class RecordReader(
    IKafkaStreamMapper mapper, IKafkaPayloadSerializer payload, StreamMetrics metrics, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    private long? _lastLogged;
    private int _suppressed;

    /// <summary>The stream of a record, or null if it cannot be told.</summary>
    public StreamId? StreamOf(in KafkaConsumedRecord record)
    {
        try
        {
            return mapper.StreamOf(record);
        }
        catch (Exception e)
        {
            Poison(record, e);
            return null;
        }
    }

    /// <summary>The events of a record, or null if it is passed over.</summary>
    public KafkaBatchContainer? Read(in KafkaConsumedRecord record)
    {
        if (StreamOf(record) is not { } stream) return null;
        try
        {
            var events = payload.Deserialize(record);
            if (events.Events.Count == 0) return null;
            return new KafkaBatchContainer
            {
                StreamId = stream,
                Offset = record.Offset,
                Events = [.. events.Events],
                RequestContext = events.RequestContext
            };
        }
        catch (Exception e)
        {
            Poison(record, e);
            return null;
        }
    }

    private void Poison(in KafkaConsumedRecord record, Exception reason)
    {
        metrics.Poison();
        if (_lastLogged is { } last && time.GetElapsedTime(last) < Quiet)
        {
            _suppressed++;
            return;
        }

        // Neither value nor message of the exception, which may quote it: what others wrote into a topic is not ours to log.
        Log.Poison(logger, record.Topic, record.Partition, record.Offset, record.Value?.Length ?? 0, reason.GetType().Name, _suppressed);
        (_lastLogged, _suppressed) = (time.GetTimestamp(), 0);
    }
}
