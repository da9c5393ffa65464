using Confluent.Kafka;

namespace Tikr.Streaming.Kafka.Producing;

/// <summary>The table from errors to what they mean. What it does not name passes with time.</summary>
internal static class FailureKinds
{
    /// <summary>What an error means.</summary>
    public static KafkaFailureKind Of(Error error) => error.IsFatal ? KafkaFailureKind.Fatal : Of(error.Code);

    /// <summary>What an error code means.</summary>
    public static KafkaFailureKind Of(ErrorCode code) => code switch
    {
        ErrorCode.Local_Fatal or ErrorCode.OutOfOrderSequenceNumber or ErrorCode.DuplicateSequenceNumber or ErrorCode.UnknownProducerId
            or ErrorCode.InvalidProducerEpoch or ErrorCode.ProducerFenced or ErrorCode.Local_Fenced => KafkaFailureKind.Fatal,

        ErrorCode.MsgSizeTooLarge or ErrorCode.RecordListTooLarge or ErrorCode.InvalidMsgSize or ErrorCode.InvalidTimestamp
            or ErrorCode.InvalidRecord or ErrorCode.UnsupportedForMessageFormat or ErrorCode.Local_BadMsg
            or ErrorCode.Local_InvalidArg or ErrorCode.Local_UnknownPartition
            or ErrorCode.Local_KeySerialization or ErrorCode.Local_ValueSerialization => KafkaFailureKind.PermanentForRecord,

        ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed or ErrorCode.UnknownTopicOrPart
            or ErrorCode.Local_UnknownTopic
            or ErrorCode.TopicException or ErrorCode.PolicyViolation or ErrorCode.InvalidRequiredAcks => KafkaFailureKind.PermanentForTopic,

        _ => KafkaFailureKind.Transient,
    };
}
