using System.Diagnostics.Metrics;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Tikr.Streaming.Kafka.Connection;
using Tikr.Streaming.Kafka.Diagnostics;

namespace Tikr.Streaming.Kafka.Producing;

/// <summary>
/// Produces records and reports what became of each: idempotent, acknowledged by all in-sync replicas, bounded by the records and bytes in
/// flight. Usable by itself. One producer holds back everything that goes through it, so give what must not wait for each other one each.
/// </summary>
public sealed class KafkaRecordProducer : IAsyncDisposable
{
    private static readonly TimeSpan QueueFullPause = TimeSpan.FromMilliseconds(10);

    private readonly KafkaProducerOptions _options;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly ClientLog _log;
    private readonly ProducerMetrics _metrics;
    private readonly FlightWindow _window;
    private readonly ProducerClients _clients;
    private readonly ClientGate _gate = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _remaking = new();
    private TaskCompletionSource _ready = new();
    private Task _remade = Task.CompletedTask;
    private long? _lastRemake;
    private bool _disposed;

    /// <summary>Makes a producer; it does not wait for brokers.</summary>
    /// <param name="options">How to produce.</param>
    /// <param name="logger">Takes what the client says.</param>
    /// <param name="meters">Makes meter <c>tikr.streaming.kafka</c>.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="KafkaConfigurationException">The options cannot work.</exception>
    public KafkaRecordProducer(KafkaProducerOptions options, ILogger logger, IMeterFactory? meters = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var errors = KafkaProducerOptionsValidator.ErrorsOf(options);
        if (errors.Count > 0) throw Errors.BadOptions("Options of the Kafka producer", errors);

        (_options, _logger, _time) = (options, logger, time ?? TimeProvider.System);
        _log = new ClientLog(options.ClientId, new Secrets(options), _time, logger);
        _clients = new ProducerClients(options, _log);
        _metrics = KafkaMetrics.Of(meters).AddProducer(options.ClientId);
        _window = new FlightWindow(options.MaxInFlightRecords, options.MaxInFlightBytes, _metrics, logger);
        (_metrics.InFlightRecords, _metrics.InFlightBytes) = (() => _window.Records, () => _window.Bytes);
        Open();
    }

    private enum Outcome
    {
        Taken,
        NoRoom,
        NoClient,
        QueueFull,
    }

    /// <summary>Records handed over and not yet reported.</summary>
    public int InFlightRecords => _window.Records;

    /// <summary>Bytes of keys and values of those.</summary>
    public long InFlightBytes => _window.Bytes;

    /// <summary>Hands a record over, when there is room for it. What became of it is told to <paramref name="delivery"/>.</summary>
    /// <param name="record">The record.</param>
    /// <param name="delivery">Is told.</param>
    /// <param name="token">What it is told with.</param>
    /// <param name="cancellation">Ends the wait for room; the record has then not been handed over.</param>
    public ValueTask ProduceAsync(KafkaRecord record, IKafkaDelivery delivery, long token, CancellationToken cancellation = default)
    {
        var outcome = Offer(record, delivery, token);
        return outcome == Outcome.Taken
            ? ValueTask.CompletedTask : new ValueTask(WaitAndProduceAsync(outcome, record, delivery, token, cancellation));
    }

    /// <summary>Hands a record over if there is room for it now.</summary>
    /// <param name="record">The record.</param>
    /// <param name="delivery">Is told what became of it, if this returns true.</param>
    /// <param name="token">What it is told with.</param>
    public bool TryProduce(in KafkaRecord record, IKafkaDelivery delivery, long token) => Offer(record, delivery, token) == Outcome.Taken;

    /// <summary>Waits until every record handed over is reported, at most as long as said.</summary>
    /// <param name="bound">How long.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Whether every record is reported.</returns>
    public async Task<bool> FlushAsync(TimeSpan bound, CancellationToken cancellation = default)
    {
        try
        {
            await _window.EmptyAsync().WaitAsync(bound, _time, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>
    /// Waits for records in flight (see <see cref="KafkaProducerOptions.FlushTimeout"/>), reports the others as failed, and ends.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true)) return;
        await FlushAsync(_options.FlushTimeout).ConfigureAwait(false);
        await _end.CancelAsync().ConfigureAwait(false);
        Task remade;
        lock (_remaking) remade = _remade;
        await remade.ConfigureAwait(false);
        if (_gate.Close() is { } client) await EndAsync(client, TimeSpan.Zero).ConfigureAwait(false);
        if (_window.FailAll(new Error(
            ErrorCode.Local_PurgeQueue, "The producer ended before the record was acknowledged.")) is > 0 and var records)
            Log.ProducerEndedEarly(_logger, _options.ClientId, records);
        _metrics.Dispose();
        _end.Dispose();
    }

    private Outcome Offer(in KafkaRecord record, IKafkaDelivery delivery, long token)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed), this);
        ArgumentNullException.ThrowIfNull(delivery);
        var client = _gate.Enter();
        try
        {
            if (client is null) return Outcome.NoClient;
            if (_window.TryBoard(record, delivery, token) is not { } flight) return Outcome.NoRoom;
            try
            {
                client.Produce(new TopicPartition(record.Topic, record.Partition), flight.Message, flight.Handler);
                return Outcome.Taken;
            }
            catch (KafkaException e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                _window.Disembark(flight);
                return Outcome.QueueFull;
            }
            catch (KafkaException e)
            {
                if (e.Error.IsFatal) Remake(client, e.Error);
                _window.Fail(flight, e.Error, mayBePersisted: false);
                return Outcome.Taken;
            }
        }
        finally
        {
            _gate.Leave();
        }
    }

    private async Task WaitAndProduceAsync(
        Outcome outcome, KafkaRecord record, IKafkaDelivery delivery, long token, CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _end.Token);
        while (outcome != Outcome.Taken)
        {
            try
            {
                await (outcome switch
                {
                    Outcome.NoRoom => _window.RoomAsync(record.Size).WaitAsync(either.Token),
                    Outcome.NoClient => Volatile.Read(ref _ready).Task.WaitAsync(either.Token),
                    _ => Task.Delay(QueueFullPause, _time, either.Token),
                }).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw new ObjectDisposedException(nameof(KafkaRecordProducer));
            }

            outcome = Offer(record, delivery, token);
        }
    }

    private void Open()
    {
        // The client may meet its end before it is known here.
        IProducer<byte[]?, byte[]?>? client = null;
        client = _clients.Build(error => Remake(Volatile.Read(ref client), error));
        _gate.Open(client);
        _ready.TrySetResult();
    }

    private void Remake(IProducer<byte[]?, byte[]?>? client, Error error)
    {
        lock (_remaking)
        {
            if (_disposed || client is null || !_gate.TryClose(client)) return;
            _ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Log.ProducerFatal(_logger, _options.ClientId, error.Code, _log.Scrub(error.Reason));
            _remade = Task.Run(() => RemakeAsync(client));
        }
    }

    private async Task RemakeAsync(IProducer<byte[]?, byte[]?> old)
    {
        var pause = RemakePause();
        await EndAsync(old, _options.FlushTimeout).ConfigureAwait(false);
        _window.FailAll(new Error(ErrorCode.Local_Fatal, "The producer met a fatal error while the record was in flight.", isFatal: true));
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(pause, _time, _end.Token).ConfigureAwait(false);
                Open();
                Log.ProducerRecreated(_logger, _options.ClientId);
                return;
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (KafkaConfigurationException e)
            {
                pause = TimeSpan.FromSeconds(5);
                Log.ProducerNotRecreated(_logger, _options.ClientId, pause.TotalSeconds, e.Message);
            }
        }
    }

    // At once the first time; whoever meets fatal errors in a row must not turn in circles.
    private TimeSpan RemakePause()
    {
        var last = _lastRemake;
        _lastRemake = _time.GetTimestamp();
        return last is { } at && _time.GetElapsedTime(at) < TimeSpan.FromSeconds(30) ? TimeSpan.FromSeconds(1) : TimeSpan.Zero;
    }

    private async Task EndAsync(IProducer<byte[]?, byte[]?> client, TimeSpan patience)
    {
        await _gate.LeftAsync().ConfigureAwait(false);
        await Task.Run(() =>
        {
            if (patience > TimeSpan.Zero) client.Flush(patience);
            client.Dispose();
        }).ConfigureAwait(false);
    }
}
