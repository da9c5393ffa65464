using Tikr.Streaming.Kafka.Producing;

namespace Tikr.Streaming.Kafka.Provider;

/// <summary>Records published together: done when the last is reported, failed if one failed.</summary>
internal sealed class PublishOperation(int records) : IKafkaDelivery
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _left = records;
    private KafkaDeliveryFailure? _failure;

    /// <summary>Completes when all are reported.</summary>
    public Task<KafkaDeliveryFailure?> Completion => WaitAsync();

    public void Delivered(long token, int partition, long offset) => Report();

    public void Failed(long token, KafkaDeliveryFailure failure)
    {
        lock (_done) _failure ??= failure;
        Report();
    }

    private void Report()
    {
        if (Interlocked.Decrement(ref _left) == 0) _done.TrySetResult();
    }

    private async Task<KafkaDeliveryFailure?> WaitAsync()
    {
        await _done.Task.ConfigureAwait(false);
        return _failure;
    }
}
