using Orleans.Streams;
using Tikr.Streaming.Kafka.Caching;
using Tikr.Streaming.Kafka.Consuming;
using Tikr.Streaming.Kafka.Diagnostics;

namespace Tikr.Streaming.Kafka.Provider;

/// <summary>
/// One partition as Orleans' pulling agent reads it. It begins as soon as brokers answer, however long that takes; until then there is
/// nothing to read. Everything here runs in the agent's turns.
/// </summary>
internal sealed class KafkaQueueReceiver(KafkaStreamResources resources, int partition, RecordCache cache, StreamMetrics metrics)
    : IQueueAdapterReceiver, IDisposable
{
    // Orleans forgets a stream without records after a while; a partition's own stream shall stay known.
    private static readonly TimeSpan WakeUpPeriod = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly RecordReader _reader = resources.NewReader(metrics);
    private Task<PartitionBuffer>? _assigning;
    private PartitionBuffer? _buffer;
    private PartitionReplay? _replay;
    private List<CacheCursor> _waiting = [];
    private long _position;
    private long _stored;
    private long? _lastWakeUp;

    public Task Initialize(TimeSpan timeout)
    {
        // Not awaited: agents start whether or not brokers are there.
        _assigning = AssignAsync(_stop.Token);
        return Task.CompletedTask;
    }

    public Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount)
    {
        List<IBatchContainer> batches = [];
        if (HasBegun())
        {
            StoreIfAllDelivered();
            Replay(maxCount, batches);
            WakePartitionStream(batches);
            Read(maxCount, batches);
        }

        return Task.FromResult<IList<IBatchContainer>>(batches);
    }

    public Task MessagesDeliveredAsync(IList<IBatchContainer> messages)
    {
        metrics.Delivered(messages.Count);
        Store(cache.DeliveredThrough + 1);
        return Task.CompletedTask;
    }

    public async Task Shutdown(TimeSpan timeout)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        Dispose();
        if (_assigning is null) return;
        try
        {
            var buffer = await _assigning.ConfigureAwait(false);
            Store(cache.DeliveredThrough + 1);
            await resources.Consumer.UnassignAsync(buffer, _stored > buffer.Begin ? _stored : null, timeout).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // It never began.
        }
    }

    public void Dispose()
    {
        _replay?.Dispose();
        metrics.Dispose();
        _stop.Dispose();
    }

    private async Task<PartitionBuffer> AssignAsync(CancellationToken stop)
    {
        await resources.Topic.Ready.WaitAsync(stop).ConfigureAwait(false);
        return await resources.Consumer.AssignAsync(partition, stop).ConfigureAwait(false);
    }

    private bool HasBegun()
    {
        if (_buffer is not null) return true;
        if (_assigning is not { IsCompletedSuccessfully: true }) return false;
        _buffer = _assigning.Result;
        _position = _stored = _buffer.Begin;
        cache.BeginAt(_position);
        metrics.ShowLag(() => resources.Consumer.LagOf(_buffer, Volatile.Read(ref _position)));
        Log.PartitionBegun(resources.Logger, _buffer.Partition.Topic, partition, _position);
        return true;
    }

    private void Read(int most, List<IBatchContainer> into)
    {
        var taken = 0;
        for (; taken < most && _buffer!.TryTake(out var record); taken++)
        {
            // Should a partition be assigned twice in a row, what is left of the first time is behind us.
            if (record.Offset.Value < _position) continue;
            Volatile.Write(ref _position, record.Offset.Value + 1);
            if (_reader.Read(KafkaConsumedRecord.Of(record)) is { } batch) into.Add(batch);
        }

        metrics.Consumed(taken);
    }

    private void Replay(int most, List<IBatchContainer> into)
    {
        _waiting.AddRange(cache.TakeReplays());
        if (_replay is null && _waiting.Count > 0)
        {
            _replay = new PartitionReplay(_buffer!.Partition, _waiting, resources.Consumers, _reader, resources.Logger);
            _waiting = [];
        }

        if (_replay is null) return;
        into.AddRange(_replay.Read(cache, most));
        if (!_replay.IsOver) return;
        var over = _replay;
        _replay = null;
        // Closing may wait for brokers.
        _ = Task.Run(over.Dispose);
    }

    private void WakePartitionStream(List<IBatchContainer> into)
    {
        if (_lastWakeUp is { } last && resources.Time.GetElapsedTime(last) < WakeUpPeriod) return;
        _lastWakeUp = resources.Time.GetTimestamp();
        if (resources.Mapper.StreamOfPartition(partition) is { } stream) into.Add(new WakeUp(stream, _position - 1));
    }

    // Records that were passed over leave no trace in the cache, so its last delivered offset may lag behind.
    private void StoreIfAllDelivered()
    {
        if (cache.Undelivered == 0) Store(_position);
    }

    private void Store(long next)
    {
        if (_buffer is null || next <= _stored) return;
        _stored = next;
        resources.Consumer.Store(_buffer, next);
    }
}
