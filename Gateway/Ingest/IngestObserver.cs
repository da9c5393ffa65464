using Microsoft.Extensions.Logging;
using Tikr.Core.Ingest;
using Tikr.Core.Time;
using Tikr.Core.Wire;
using Tikr.Gateway.Clock;
using Tikr.Gateway.Metrics;

namespace Tikr.Gateway.Ingest;

/// <summary>Everything that the ingest path counts and logs.</summary>
internal sealed class IngestObserver(GatewayMetrics metrics, ILogger<IngestObserver> log, TimeProvider time, ClockWatch? clock = null)
{
    private readonly PacedLog<(string Series, string Field)> _zeroFilled = new(time);
    private long _cells, _keys;

    /// <summary>Makes what <see cref="Observe"/> is told visible in the metrics.</summary>
    public void Show() => metrics.ShowMemory(() => Volatile.Read(ref _keys), () => Volatile.Read(ref _cells));

    public void Received(TickMessage message)
    {
        metrics.MessageReceived(message.Received);
        var series = message.Series?.Model.Name ?? "";
        if (message.UnknownFields > 0) metrics.UnknownFields(series, message.UnknownFields);
        if (message.ZeroFilled > 0) ZeroFilled(message);
        foreach (var (reason, ticks) in message.Rejections.Counts)
        {
            metrics.TicksRejected(series, reason, ticks);
            clock?.Rejected(reason);
        }
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
        else Log.FlushFailed(log, ticks, failure);
    }

    public void CommitRetried(ulong flush, Exception error) => Log.CommitRetried(log, flush, error);

    public void LaneFailed(Exception error) => Log.LaneFailed(log, error);

    public void DeliveryFailed(int partials, Exception error) => Log.DeliveryFailed(log, partials, error);

    public void MaintenanceFailed(string what, Exception error) => Log.MaintenanceFailed(log, what, error);

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

    public void Observe(int cells, int keys)
    {
        Volatile.Write(ref _cells, cells);
        Volatile.Write(ref _keys, keys);
    }
}
