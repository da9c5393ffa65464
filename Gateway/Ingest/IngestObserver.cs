using Microsoft.Extensions.Logging;
using Tikr.Core.Ingest;
using Tikr.Core.Memory;
using Tikr.Core.Time;
using Tikr.Core.Wire;
using Tikr.Gateway.Bounds;
using Tikr.Gateway.Clock;
using Tikr.Gateway.Metrics;

namespace Tikr.Gateway.Ingest;

/// <summary>Everything that the ingest path counts and logs.</summary>
/// <param name="metrics">Where it is counted.</param>
/// <param name="log">Where it is logged.</param>
/// <param name="time">Paces what clients cause.</param>
/// <param name="clock">Learns of ticks that the wall clock rejects; null where nobody watches it.</param>
/// <param name="keys">Memory of keys, with who is told of keys that find none; null where that is unbounded.</param>
internal sealed class IngestObserver(
    GatewayMetrics metrics, ILogger<IngestObserver> log, TimeProvider time, ClockWatch? clock = null,
    (MemoryPart Memory, Refusals Refusals)? keys = null)
{
    private readonly PacedLog<(string Series, string Field)> _zeroFilled = new(time);
    private readonly PacedLog<(string Series, string Reason)> _rejected = new(time);
    private long _cells, _keys;

    /// <summary>Makes what <see cref="Observe"/> is told visible in the metrics.</summary>
    public void Show() => metrics.ShowMemory(() => Volatile.Read(ref _keys), () => Volatile.Read(ref _cells));

    public void Received(TickMessage message)
    {
        metrics.MessageReceived(message.Received);
        var series = message.Series?.Model.Name ?? "";
        if (message.UnknownFields > 0) metrics.UnknownFields(series, message.UnknownFields);
        if (message.ZeroFilled > 0) ZeroFilled(message);
        foreach (var (reason, ticks) in message.Rejections.Counts) Rejected(series, reason, ticks, message.Rejections);
    }

    /// <summary>Counts a series' part of a flush that has become durable.</summary>
    public void Accepted(IngestSeries series, int ticks) => metrics.TicksAccepted(series.Model.Name, ticks);

    /// <summary>Counts late ticks that are durable on their way to their topic.</summary>
    public void Routed(IngestSeries series, int ticks)
    {
        metrics.TicksAccepted(series.Model.Name, ticks);
        metrics.TicksRouted(series.Model.Name, ticks);
    }

    public void Flushed(int ticks, TimeSpan elapsed, Exception? failure)
    {
        if (failure is null) metrics.Flushed(elapsed, ticks);
        else Log.FlushFailed(log, ticks, ReasonOf(failure));
    }

    public void CommitRetried(ulong flush, Exception error) => Log.CommitRetried(log, flush, ReasonOf(error));

    public void LaneFailed(Exception error) => Log.LaneFailed(log, error);

    public void DeliveryFailed(int partials, Exception error) => Log.DeliveryFailed(log, partials, ReasonOf(error));

    public void MaintenanceFailed(string what, Exception error) => Log.MaintenanceFailed(log, what, ReasonOf(error));

    // A store that is away fails many times a minute: a line each, and where it comes from for who looks for a fault.
    private string ReasonOf(Exception error)
    {
        Log.Origin(log, error);
        return error.GetBaseException().Message;
    }

    public void RecomputingUncovered(int buckets) => Log.RecomputingUncovered(log, buckets);

    private void ZeroFilled(TickMessage message)
    {
        var model = message.Series!.Model;
        for (var column = 0; column < message.ZeroFilledByColumn.Length; column++)
        {
            if (message.ZeroFilledByColumn[column] is not (> 0 and var ticks)) continue;
            var field = model.Fields[column].Name;
            metrics.ZeroFilled(model.Name, field, ticks);
            if (_zeroFilled.Next((model.Name, field), ticks) is { } unlogged) Log.ZeroFilled(log, unlogged, model.Name, field);
        }
    }

    /// <summary>Counts ticks that were rejected when their flush was committed.</summary>
    public void RejectedAtCommit(IngestSeries series, int ticks) =>
        metrics.TicksRejected(series.Model.Name, RejectionReasons.TimestampOutOfRange, ticks);

    /// <summary>Counts past buckets that were closed before their time.</summary>
    public void ClosedEarly(int buckets) => metrics.ClosedEarly(buckets);

    public void Observe(int cells, int interned)
    {
        Volatile.Write(ref _cells, cells);
        Volatile.Write(ref _keys, interned);
    }

    private void Rejected(string series, string reason, long ticks, RejectionTally tally)
    {
        metrics.TicksRejected(series, reason, ticks);
        clock?.Rejected(reason);
        if (_rejected.Next((series, reason), ticks) is { } unlogged)
        {
            var text = tally.Samples.FirstOrDefault(sample => sample.Reason == reason)?.Message ?? "";
            Log.TicksRejected(log, unlogged, series, reason, OneLine.Of(text));
        }

        // The limit of a spec has the same reason, and is none of the server's.
        if (reason != RejectionReasons.CardinalityLimit || keys is not { } all) return;
        if (all.Memory.UsedBytes + (2 * MemoryBudget.KeyBytes) <= all.Memory.LimitBytes) return;
        all.Refusals.Note(RefusalReasons.Keys, Errors.NoMemoryForKeys(all.Memory.LimitBytes));
    }
}
