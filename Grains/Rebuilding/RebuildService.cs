using Microsoft.Extensions.Logging;
using Tikr.Core.Rollup;
using Tikr.Core.Time;
using Tikr.Grains.Recompute;
using Tikr.Grains.Recovery;
using Tikr.Grains.Writing;
using Tikr.Storage;

namespace Tikr.Grains.Rebuilding;

/// <summary>
/// Makes the bars again that specs changed, in the background: it waits while live requests wait, rests as long as it works, and while what
/// it publishes has filled its share of the outbox.
/// </summary>
internal sealed class RebuildService(
    IRebuildStore store,
    ITickStore ticks,
    IKeyStore keys,
    SeriesDirectory directory,
    PairCloser closer,
    RecomputeService recompute,
    BarWriter writer,
    TimeProvider time,
    TikrGrainOptions options,
    ILogger<RebuildService> logger,
    IOutbox? outbox = null,
    OutboxLayout? layout = null) : IAsyncDisposable
{
    /// <summary>Its share of the outbox: most entries of one partition while it adds some.</summary>
    internal const int OutboxShare = 10_000;

    // Live requests come first.
    private const int BusyAt = 1_024;
    private readonly Dictionary<Series, SeriesRebuild> _rebuilds = [];
    private readonly PacedLog<string> _pace = new(time);
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;

    /// <summary>Begins to run; more than once changes nothing.</summary>
    public void Start()
    {
        if (_loop.IsCompleted && !_stop.IsCancellationRequested) _loop = Task.Run(RunAsync, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        _stop.Dispose();
    }

    /// <summary>Gives every series one step; answers whether one of them did something.</summary>
    internal async Task<bool> StepAsync(CancellationToken cancellation)
    {
        var worked = false;
        foreach (var series in directory.All) worked |= await StepAsync(series, cancellation).ConfigureAwait(false);
        return worked;
    }

    private async Task<bool> StepAsync(Series series, CancellationToken cancellation)
    {
        if (store.RebuildOf(series).IsDone) return false;
        if (!_rebuilds.TryGetValue(series, out var rebuild))
        {
            _rebuilds[series] = rebuild = new SeriesRebuild(series, store, ticks, keys, closer);
            Log.RebuildBegun(logger, series.Name);
        }

        var settledNs = time.GetUnixNanoseconds() - (options.MaxCloseDelay + options.SweepSlack).ToNanoseconds();
        var worked = await rebuild.StepAsync(settledNs, ct => RoomAsync(rebuild, ct), cancellation).ConfigureAwait(false);
        if (!rebuild.IsDone) return worked;
        Log.RebuildDone(logger, series.Name, rebuild.Bars);
        _rebuilds.Remove(series);
        return worked;
    }

    private async ValueTask<int> RoomAsync(SeriesRebuild rebuild, CancellationToken cancellation)
    {
        if (outbox is null) return int.MaxValue;
        long? most = null;
        foreach (var partition in rebuild.OutboxPartitions(layout))
            most = Math.Max(most ?? 0, (await outbox.MeasureAsync(partition, cancellation).ConfigureAwait(false)).Entries);
        return most is { } entries ? (int)Math.Max(0, OutboxShare - entries) : int.MaxValue;
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                var began = time.GetTimestamp();
                var worked = false;
                foreach (var series in directory.All)
                {
                    if (recompute.Waiting + writer.Waiting >= BusyAt) break;
                    worked |= await TryStepAsync(series).ConfigureAwait(false);
                }

                var pause = worked ? time.GetElapsedTime(began) : options.SweepPeriod;
                await Task.Delay(pause < options.SweepPeriod ? pause : options.SweepPeriod, time, _stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    // What cannot be made of one series, for example of a damaged block, holds up no other.
    private async Task<bool> TryStepAsync(Series series)
    {
        try
        {
            return await StepAsync(series, _stop.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            if (_pace.Next(series.Name, 1) is { } times)
                Log.RebuildFailed(logger, series.Name, times, options.SweepPeriod.TotalSeconds, error);
            return false;
        }
    }
}
