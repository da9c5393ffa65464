using Orleans.Providers.Streams.Common;
using Orleans.Streams;

namespace Tikr.Streaming.Kafka.Provider;

/// <summary>
/// Offsets as sequence tokens. An event's token is (offset, index in its record) and a subscription that starts there gets that event
/// first; what we tell Orleans of a whole record is "after its events", so that both can be told apart when a subscription comes back with
/// one.
/// </summary>
public static class KafkaOffsets
{
    private const int AfterEvents = int.MaxValue;

    /// <summary>The token to subscribe with for everything from an offset on, the record there included.</summary>
    /// <param name="offset">The offset in the stream's partition.</param>
    public static StreamSequenceToken At(long offset) => new EventSequenceTokenV2(offset, 0);

    /// <summary>The offset of the record that an event came in.</summary>
    /// <param name="token">The event's token.</param>
    public static long Of(StreamSequenceToken? token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return token.SequenceNumber;
    }

    internal static EventSequenceTokenV2 OfRecord(long offset) => new(offset, AfterEvents);

    internal static EventSequenceTokenV2 OfEvent(long offset, int index) => new(offset, index);

    /// <summary>Whether a token is one of ours for a whole record, and not one that somebody wants to begin at.</summary>
    internal static bool IsOfRecord(StreamSequenceToken token) => token.EventIndex == AfterEvents;
}
