namespace Tikr.Streaming.Kafka.Topics;

/// <summary>A topic cannot be used; the message says which, why and what to do.</summary>
public sealed class KafkaTopicException : Exception
{
    internal KafkaTopicException(string message, string topic, ErrorCode code, bool isTransient)
        : base(message) => (Topic, Code, IsTransient) = (topic, code, isTransient);

    /// <summary>The topic.</summary>
    public string Topic { get; }

    /// <summary>What broker or client said.</summary>
    public ErrorCode Code { get; }

    /// <summary>Whether it may pass by itself: the brokers are away.</summary>
    public bool IsTransient { get; }
}
