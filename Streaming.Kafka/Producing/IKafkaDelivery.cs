namespace Tikr.Streaming.Kafka.Producing;

/// <summary>
/// Is told what became of records, once for each. Called from the client's delivery thread, or from the producing thread where a record is
/// refused at once: be quick, do not block, and do not wait for the producer.
/// </summary>
public interface IKafkaDelivery
{
    /// <summary>The record is in the topic, on all in-sync replicas.</summary>
    /// <param name="token">What the record was handed over with.</param>
    /// <param name="partition">Its partition.</param>
    /// <param name="offset">Its offset there.</param>
    void Delivered(long token, int partition, long offset);

    /// <summary>The record is not known to be in the topic.</summary>
    /// <param name="token">What the record was handed over with.</param>
    /// <param name="failure">Why, and what that means for sending it again.</param>
    void Failed(long token, KafkaDeliveryFailure failure);
}
