namespace Tikr.Streaming.Kafka;

/// <summary>Options that cannot work; the message says which, why and what to do, and has no secret in it.</summary>
public sealed class KafkaConfigurationException : Exception
{
    internal KafkaConfigurationException(string message)
        : base(message)
    {
    }
}
