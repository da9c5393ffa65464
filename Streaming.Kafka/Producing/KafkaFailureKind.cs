namespace Tikr.Streaming.Kafka.Producing;

/// <summary>What a failure means for sending the record again.</summary>
public enum KafkaFailureKind
{
    /// <summary>The brokers are away or not able just now: send it again.</summary>
    Transient,

    /// <summary>
    /// The brokers do not take this record. Records share a batch and fail together (MsgSizeTooLarge), so send it once more alone before
    /// giving it up.
    /// </summary>
    PermanentForRecord,

    /// <summary>The topic takes nothing from us until somebody changes it or our rights.</summary>
    PermanentForTopic,

    /// <summary>The producer lost its place in the sequence of records. It is made anew; send the record again.</summary>
    Fatal,
}
