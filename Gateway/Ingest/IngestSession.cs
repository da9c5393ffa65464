using Tikr.Contracts;
using Tikr.Core.Wire;
using Tikr.Gateway.Ingest.Lanes;
using Tikr.Storage;

namespace Tikr.Gateway.Ingest;

/// <summary>One ingest stream: takes its messages to its lane and knows the outcome of every tick.</summary>
internal sealed class IngestSession(IngestPipeline pipeline) : IDisposable
{
    private readonly Queue<(FlushBatch Batch, int Ticks)> _waiting = new();
    private (FlushBatch? Batch, int Ticks) _filling;
    private readonly StreamProgress _progress = new();
    private readonly Dictionary<IngestSeries, Source> _sources = [];
    private (IngestSeries Series, Source Source) _last;

    /// <summary>Ticks accepted and durable so far.</summary>
    public ulong Durable { get; private set; }

    /// <summary>Fields that no metric reads.</summary>
    public long UnknownFields { get; private set; }

    /// <summary>Fields that accepted ticks lacked and that were taken as 0.</summary>
    public long ZeroFilled { get; private set; }

    /// <summary>Refused ticks, by reason.</summary>
    public RejectionTally Rejections { get; } = new();

    /// <summary>
    /// Completes when another message should be read: until then it stays with the client, and what is decoded stays bounded. By the series
    /// of the message before.
    /// </summary>
    public ValueTask RoomAsync(CancellationToken cancellation) => HeldAsync(pipeline.RoomAsync(_last.Series, cancellation));

    /// <summary>Takes one message; waits while the gateway holds as many uncommitted ticks as it may.</summary>
    /// <exception cref="MalformedMessageException">The message is not an IngestRequest; nothing of it was taken.</exception>
    /// <exception cref="LargeMessageException">Its ticks would take too much memory; nothing of it was taken.</exception>
    /// <exception cref="StoreFullException">The store cannot take ticks now.</exception>
    /// <exception cref="StoreUnavailableException">The store does not answer.</exception>
    public async ValueTask AppendAsync(TickMessage message, CancellationToken cancellation)
    {
        // Until a batch has it the message is ours, however this ends: one that is never released would keep idle keys in memory for ever.
        var inBatch = false;
        try
        {
            if (message.Malformed is { } reason) throw new MalformedMessageException(reason);
            if (message.TooLarge is { } size) throw new LargeMessageException(size);
            if (pipeline.BlockedReason is { } blocked) throw new StoreFullException(blocked);
            await HeldAsync(ResolveKeysAsync(message, cancellation)).ConfigureAwait(false);
            UnknownFields += message.UnknownFields;
            ZeroFilled += message.ZeroFilled;
            message.Rejections.MergeInto(Rejections);
            pipeline.Observer.Received(message);
            message.TakeLate();
            if (message.Ticks == 0) return;

            SettleFinished();
            var series = (IngestSeries)message.Series!;
            await HeldAsync(pipeline.RoomAsync(series, cancellation)).ConfigureAwait(false);
            var ticks = message.Ticks;
            var batch = pipeline.Queue.Add(new QueuedMessage(series, message, SourceOf(series)));
            inBatch = true;
            Await(batch, ticks);
        }
        finally
        {
            if (!inBatch) message.Release();
        }
    }

    /// <summary>Notes whether everything that the client had sent has been taken.</summary>
    public void SetDrained(bool drained) => _progress.IsDrained = drained;

    /// <summary>Completes when everything taken is durable; fails with what the store said otherwise.</summary>
    public async Task CompleteAsync()
    {
        CloseSources();
        Await(null, 0);
        if (_waiting.Count > 0) pipeline.Queue.Hurry();
        Exception? failure = null;
        while (_waiting.TryDequeue(out var entry))
        {
            try
            {
                await entry.Batch.Committed.ConfigureAwait(false);
                Settle(entry);
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                failure = error;
            }
        }

        if (failure is not null) throw failure;
    }

    /// <summary>The answer to a stream that ended well.</summary>
    public IngestResponse ToResponse()
    {
        var response = new IngestResponse
        {
            TicksReceived = Durable,
            TicksRejected = (ulong)Rejections.Total,
            UnknownFields = (ulong)UnknownFields,
            ZeroFilledFields = (ulong)ZeroFilled,
        };
        foreach (var (reason, ticks) in Rejections.Counts) response.Rejections.Add(new Rejection { Reason = reason, Ticks = (ulong)ticks });
        foreach (var sample in Rejections.Samples)
        {
            response.Samples.Add(new RejectedTick
            {
                Reason = sample.Reason,
                Message = sample.Message,
                TimestampNs = sample.Timestamp,
                Series = sample.Series,
            });
        }

        return response;
    }

    public void Dispose() => CloseSources();

    // While it waits for us the stream is not read: its silence tells nothing of what it has to send.
    private ValueTask HeldAsync(ValueTask waiting) => waiting.IsCompleted ? waiting : HoldAsync(waiting);

    private async ValueTask HoldAsync(ValueTask waiting)
    {
        _progress.Hold(pipeline.NowNs);
        try
        {
            await waiting.ConfigureAwait(false);
        }
        finally
        {
            _progress.Resume(pipeline.NowNs);
        }
    }

    private async ValueTask ResolveKeysAsync(TickMessage message, CancellationToken cancellation)
    {
        if (message.Unresolved.Count == 0) return;
        var series = ((IngestSeries)message.Series!).Series;
        await pipeline.Keys.ResolveAsync(series, message.Unresolved, cancellation).ConfigureAwait(false);
        message.DropRejectedKeys();
    }

    // Many small messages are in one batch.
    private void Await(FlushBatch? batch, int ticks)
    {
        if (batch is not null && ReferenceEquals(batch, _filling.Batch))
        {
            _filling.Ticks += ticks;
            return;
        }

        if (_filling.Batch is { } full) _waiting.Enqueue((full, _filling.Ticks));
        _filling = (batch, ticks);
    }

    // Batches finish in order; what is durable is counted, what failed ends the stream at once.
    private void SettleFinished()
    {
        while (_waiting.TryPeek(out var entry) && entry.Batch.Committed.IsCompleted)
        {
            if (!entry.Batch.Committed.IsCompletedSuccessfully) throw entry.Batch.Committed.Exception!.InnerException!;
            _waiting.Dequeue();
            Settle(entry);
        }
    }

    private void Settle((FlushBatch Batch, int Ticks) entry)
    {
        Durable += (ulong)entry.Ticks;
        if (!entry.Batch.Rejected.TryGetValue(_progress, out var rejected)) return;
        Durable -= (ulong)rejected.Total;
        rejected.MergeInto(Rejections);
    }

    private Source SourceOf(IngestSeries series)
    {
        if (ReferenceEquals(_last.Series, series)) return _last.Source;
        if (!_sources.TryGetValue(series, out var source)) _sources[series] = source = new Source(_progress);
        _last = (series, source);
        return source;
    }

    private void CloseSources()
    {
        foreach (var (series, source) in _sources) pipeline.Queue.TryAdd(new QueuedMessage(series, null, source));
        _sources.Clear();
        _last = default;
    }
}

/// <summary>A message whose ticks would take too much memory.</summary>
internal sealed class LargeMessageException(string reason) : Exception(reason);

/// <summary>A message that is not a well-formed IngestRequest.</summary>
internal sealed class MalformedMessageException(string reason) : Exception(reason);
