using Tikr.Streaming.Kafka.Topics;

namespace Tikr.Streaming.Kafka.Provider;

/// <summary>
/// Waits for the topic to be there and to fit. Nothing is read or published before: the first request for a missing topic would have
/// brokers create it with their own number of partitions.
/// </summary>
internal sealed class TopicWatch(KafkaStreamResources resources) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Completes when the topic is there.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Looks for it once, and goes on in the background if brokers are away.</summary>
    /// <exception cref="KafkaTopicException">The topic cannot be used.</exception>
    /// <exception cref="KafkaConfigurationException">The topic does not fit.</exception>
    public async Task StartAsync(TimeSpan timeout, CancellationToken cancellation)
    {
        try
        {
            await resources.EnsureTopicAsync(timeout, cancellation).ConfigureAwait(false);
            _ready.TrySetResult();
        }
        catch (KafkaTopicException e) when (e.IsTransient)
        {
            // Kafka may be down when a silo starts.
            Log.StartedWithoutTopic(resources.Logger, resources.Name, e.Message);
            _ = Task.Run(() => KeepLookingAsync(timeout), CancellationToken.None);
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        _ready.TrySetCanceled();
    }

    private async Task KeepLookingAsync(TimeSpan timeout)
    {
        var stop = _stop.Token;
        long? lastLogged = null;
        try
        {
            while (true)
            {
                await Task.Delay(Pause, resources.Time, stop).ConfigureAwait(false);
                try
                {
                    await resources.EnsureTopicAsync(timeout, stop).ConfigureAwait(false);
                    Log.TopicThere(resources.Logger, resources.Name);
                    _ready.TrySetResult();
                    return;
                }
                catch (Exception e) when (e is KafkaTopicException or KafkaConfigurationException)
                {
                    // What cannot pass by itself may be repaired by somebody.
                    if (lastLogged is { } last && resources.Time.GetElapsedTime(last) < Quiet) continue;
                    lastLogged = resources.Time.GetTimestamp();
                    Log.WaitsForTopic(resources.Logger, resources.Name, e.Message);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The provider has ended.
        }
    }
}
