using System.Collections.Concurrent;
using Confluent.Kafka;
using Tikr.Streaming.Kafka.Connection;
using Tikr.Streaming.Kafka.Provider;

namespace Tikr.Streaming.Kafka.Consuming;

/// <summary>
/// The one consumer of a silo for a provider: a consumer per partition would have connections and threads of its own. A thread of ours
/// reads it and hands records to the partitions' buffers; assignments and pauses happen on that thread, between records.
/// </summary>
internal sealed class SharedConsumer : IAsyncDisposable
{
    private static readonly TimeSpan PollTimeout = TimeSpan.FromMilliseconds(50);
    private const int MostCallPauses = 50;
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5), CallPause = CallTimeout / MostCallPauses;
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(500);

    private readonly KafkaStreamOptions _options;
    private readonly ClientLog _log;
    private readonly TimeProvider _time;
    private readonly IConsumer<byte[]?, byte[]?> _consumer;
    private readonly ConcurrentQueue<Action> _commands = new();
    private readonly Dictionary<int, PartitionBuffer> _buffers = [];
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _calls;
    private volatile bool _stopping;

    public SharedConsumer(KafkaStreamOptions options, ClientLog log, TimeProvider time)
    {
        (_options, _log, _time) = (options, log, time);
        _consumer = new ConsumerClients(options, log).BuildShared();
        _thread = new Thread(Run) { IsBackground = true, Name = $"kafka {options.ClientId}" };
        _thread.Start();
    }

    /// <summary>Begins to read a partition where its group left off; waits for the brokers as long as it takes.</summary>
    public async Task<PartitionBuffer> AssignAsync(int number, CancellationToken cancellation)
    {
        var partition = new TopicPartition(_options.Topic, number);
        var begin = await FindBeginAsync(partition, cancellation).ConfigureAwait(false);
        var buffer = new PartitionBuffer(partition, _options.FetchedRecords) { Begin = begin };
        // Not given up half way: once assigned, whoever asked for it has to give it back.
        await OnThreadAsync(() =>
        {
            cancellation.ThrowIfCancellationRequested();
            if (_buffers.Remove(number)) _consumer.IncrementalUnassign([partition]);
            _consumer.IncrementalAssign([new TopicPartitionOffset(partition, begin)]);
            _buffers[number] = buffer;
        }).ConfigureAwait(false);
        return buffer;
    }

    /// <summary>Stops reading a partition, with its last offset committed if the brokers can be reached in time.</summary>
    public async Task UnassignAsync(PartitionBuffer buffer, long? next, TimeSpan patience)
    {
        try
        {
            if (next is { } offset) await CallAsync(() => _consumer.Commit([new TopicPartitionOffset(buffer.Partition, offset)]))
                .WaitAsync(patience, _time).ConfigureAwait(false);
        }
        catch (Exception e) when (e is KafkaException or TimeoutException)
        {
            // Whoever reads the partition next begins a little earlier.
            _log.Error(new Error(ErrorCode.Local_Fail, $"The last offset of {buffer.Partition} could not be committed: {e.Message}"));
        }

        await OnThreadAsync(() =>
        {
            if (!_buffers.TryGetValue(buffer.Partition.Partition.Value, out var known) || known != buffer) return;
            _buffers.Remove(buffer.Partition.Partition.Value);
            _consumer.IncrementalUnassign([buffer.Partition]);
        }).ConfigureAwait(false);
    }

    /// <summary>Says that everything before an offset has been delivered; committed with the next interval.</summary>
    public void Store(PartitionBuffer buffer, long next)
    {
        try
        {
            _consumer.StoreOffset(new TopicPartitionOffset(buffer.Partition, next));
        }
        catch (KafkaException e)
        {
            _log.Error(e.Error);
        }
    }

    /// <summary>How many records of a partition wait in the topic, as far as is known here.</summary>
    public long LagOf(PartitionBuffer buffer, long next)
    {
        var high = _consumer.GetWatermarkOffsets(buffer.Partition).High;
        return high.IsSpecial ? 0 : Math.Max(0, high.Value - next);
    }

    public async ValueTask DisposeAsync()
    {
        if (_stopping) return;
        _stopping = true;
        await _ended.Task.ConfigureAwait(false);
        // Closing waits for the brokers' answer to a last commit; without brokers nobody waits for it. A client that is inside a call is
        // left alone: freed under it, it would take the process with it.
        var close = Task.Run(async () =>
        {
            for (var i = 0; Volatile.Read(ref _calls) > 0; i++)
            {
                if (i == MostCallPauses) return;
                await Task.Delay(CallPause, _time, CancellationToken.None).ConfigureAwait(false);
            }

            _consumer.Close();
            _consumer.Dispose();
        });
        await Task.WhenAny(close, Task.Delay(CallTimeout, _time)).ConfigureAwait(false);
    }

    // A call that blocks until the brokers answer.
    private async Task CallAsync(Action call)
    {
        Interlocked.Increment(ref _calls);
        try
        {
            await Task.Run(call).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _calls);
        }
    }

    private Task OnThreadAsync(Action command)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _commands.Enqueue(() =>
        {
            try
            {
                command();
                done.TrySetResult();
            }
            catch (Exception e) when (e is KafkaException or OperationCanceledException)
            {
                done.TrySetException(e);
            }
        });
        if (_stopping) done.TrySetResult();
        return done.Task;
    }

    private void Run()
    {
        while (!_stopping)
        {
            try
            {
                while (_commands.TryDequeue(out var command)) command();
                if (_consumer.Consume(PollTimeout) is { } record && _buffers.TryGetValue(record.Partition.Value, out var buffer))
                    Hand(record, buffer);
                foreach (var paused in _buffers.Values) TryResume(paused);
            }
            catch (KafkaException e)
            {
                _log.Error(e.Error);
            }
        }

        while (_commands.TryDequeue(out var command)) command();
        _ended.TrySetResult();
    }

    private void Hand(ConsumeResult<byte[]?, byte[]?> record, PartitionBuffer buffer)
    {
        buffer.Add(record);
        if (!buffer.IsFull || buffer.IsPaused) return;
        _consumer.Pause([buffer.Partition]);
        buffer.IsPaused = true;
    }

    private void TryResume(PartitionBuffer buffer)
    {
        if (!buffer.IsPaused || !buffer.IsDrained) return;
        _consumer.Resume([buffer.Partition]);
        buffer.IsPaused = false;
    }

    private async Task<long> FindBeginAsync(TopicPartition partition, CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                var begin = 0L;
                await CallAsync(() => begin = FindBegin(partition)).WaitAsync(cancellation).ConfigureAwait(false);
                return begin;
            }
            catch (KafkaException e)
            {
                _log.Error(e.Error);
            }

            await Task.Delay(RetryPause, _time, cancellation).ConfigureAwait(false);
        }
    }

    private long FindBegin(TopicPartition partition)
    {
        var committed = _consumer.Committed([partition], CallTimeout).Single().Offset;
        var ends = _consumer.QueryWatermarkOffsets(partition, CallTimeout);
        if (committed.IsSpecial) return _options.BeginWith == KafkaBegin.Earliest ? ends.Low.Value : ends.High.Value;
        if (committed.Value >= ends.Low.Value && committed.Value <= ends.High.Value) return committed.Value;

        // Retention has passed it, or the topic was made anew: what is there comes, and nothing is left out.
        _log.OffsetGone(partition, committed.Value, ends.Low.Value);
        return ends.Low.Value;
    }
}
