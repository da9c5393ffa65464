namespace Tikr.Streaming.Kafka.Producing;

/// <summary>Why a record was not delivered.</summary>
/// <param name="Code">The error of broker or client.</param>
/// <param name="Reason">The same in words.</param>
/// <param name="Kind">What it means for sending the record again.</param>
/// <param name="MayBePersisted">Whether the record may be in the topic all the same (the answer was lost): sending it again may double
/// it.</param>
public readonly record struct KafkaDeliveryFailure(ErrorCode Code, string Reason, KafkaFailureKind Kind, bool MayBePersisted);
