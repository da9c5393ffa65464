namespace Tikr.Streaming.Kafka.Provider;

/// <summary>Where a consumer group begins that has committed nothing yet.</summary>
public enum KafkaBegin
{
    /// <summary>With records produced from now on.</summary>
    Latest,

    /// <summary>With the oldest record that the topic has.</summary>
    Earliest,
}
