namespace Tikr.Streaming.Kafka;

/// <summary>An event could not be published; the message says which, why and what to do.</summary>
public sealed class KafkaStreamException : Exception
{
    internal KafkaStreamException(string message, Producing.KafkaDeliveryFailure? failure = null)
        : base(message) => Failure = failure;

    /// <summary>What became of its record, if it was handed over.</summary>
    public Producing.KafkaDeliveryFailure? Failure { get; }
}
