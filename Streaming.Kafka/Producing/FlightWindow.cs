using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Tikr.Streaming.Kafka.Diagnostics;

namespace Tikr.Streaming.Kafka.Producing;

/// <summary>
/// The records in flight, counted by us: the client's own queue answers "full" by an exception per record and has no way to wait. Who waits
/// is woken when a quarter is free again, not for every record.
/// </summary>
internal sealed class FlightWindow(int maxRecords, long maxBytes, ProducerMetrics metrics, ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly Stack<Flight> _free = new();
    private readonly List<Flight> _all = [];
    private int _records;
    private long _bytes;
    private TaskCompletionSource? _room, _empty;

    /// <summary>Records handed over and not yet reported.</summary>
    public int Records => Volatile.Read(ref _records);

    /// <summary>Bytes of those.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>A place for a record, if there is room for it. A record larger than the bound flies alone.</summary>
    public Flight? TryBoard(in KafkaRecord record, IKafkaDelivery delivery, long token)
    {
        var size = record.Size;
        Flight flight;
        lock (_lock)
        {
            if (!HasRoom(size)) return null;
            _records++;
            _bytes += size;
            if (!_free.TryPop(out flight!)) _all.Add(flight = new Flight(this));
        }

        flight.Board(record, delivery, token);
        return flight;
    }

    /// <summary>Takes a record back that the client did not take.</summary>
    public void Disembark(Flight flight)
    {
        if (flight.TryEnd(out _, out _)) Leave(flight);
    }

    public void Deliver(Flight flight, int partition, long offset)
    {
        if (!flight.TryEnd(out var delivery, out var token)) return;
        metrics.Delivered();
        try
        {
            delivery.Delivered(token, partition, offset);
        }
        catch (Exception e)
        {
            // It must not end the delivery thread, and others' records with it.
            Log.DeliveryThrew(logger, e);
        }

        // After the report: whoever waits for the window to be empty waits for reports.
        Leave(flight);
    }

    public void Fail(Flight flight, Error error, bool mayBePersisted)
    {
        if (!flight.TryEnd(out var delivery, out var token)) return;
        metrics.Failed(error.Code);
        try
        {
            delivery.Failed(token, new KafkaDeliveryFailure(error.Code, error.Reason, FailureKinds.Of(error), mayBePersisted));
        }
        catch (Exception e)
        {
            Log.DeliveryThrew(logger, e);
        }

        Leave(flight);
    }

    /// <summary>Reports every record in flight as failed: its client is gone and will not.</summary>
    public int FailAll(Error error)
    {
        Flight[] all;
        lock (_lock) all = [.. _all];
        var before = Records;
        foreach (var flight in all) Fail(flight, error, mayBePersisted: true);
        return before;
    }

    /// <summary>Completes when there may be room for a record.</summary>
    public Task RoomAsync(int size)
    {
        lock (_lock)
        {
            if (HasRoom(size)) return Task.CompletedTask;
            return (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Completes when no record is in flight.</summary>
    public Task EmptyAsync()
    {
        lock (_lock)
        {
            if (_records == 0) return Task.CompletedTask;
            return (_empty ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    private bool HasRoom(int size) => _records == 0 || (_records < maxRecords && _bytes + size <= maxBytes);

    private void Leave(Flight flight)
    {
        TaskCompletionSource? room = null, empty = null;
        lock (_lock)
        {
            _records--;
            _bytes -= flight.Size;
            _free.Push(flight);
            if (_room is not null && _records <= maxRecords / 4 * 3 && _bytes <= maxBytes / 4 * 3) (room, _room) = (_room, null);
            if (_records == 0) (room, _room, empty, _empty) = (room ?? _room, null, _empty, null);
        }

        room?.TrySetResult();
        empty?.TrySetResult();
    }
}
