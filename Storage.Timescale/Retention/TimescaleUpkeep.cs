using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tikr.Core.Time;
using Tikr.Storage.Reaping;

namespace Tikr.Storage.Timescale.Retention;

/// <summary>
/// What is left to do where the database's policies drop expired chunks and the reaper is not started: horizons, size limits, idle keys.
/// Does nothing elsewhere.
/// </summary>
internal sealed class TimescaleUpkeep(
    TimescaleReaper reaper, TimeProvider time, ILogger<TimescaleUpkeep> logger, RecoveryGate? gate = null) : BackgroundService
{
    private readonly PeriodicTimer _timer = new(ReaperService.SizePeriod, time);
    private readonly LogPace _failures = new(time);

    /// <inheritdoc/>
    public override void Dispose()
    {
        _timer.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        long? lastPrune = null;
        try
        {
            while (await _timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                if (!reaper.ExpiresItself) continue;
                var prunes = gate is not { IsOpen: false }
                    && (lastPrune is null || time.GetElapsedTime(lastPrune.Value) >= ReaperService.ReapPeriod);
                if (prunes) lastPrune = time.GetTimestamp();
                await RunAsync(prunes, stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    private async Task RunAsync(bool prunes, CancellationToken stoppingToken)
    {
        try
        {
            await reaper.TendAsync(time.GetUnixNanoseconds(), prunes, stoppingToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever went wrong, the next round tries again; ending the loop would fill the disk.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            if (_failures.Next() is { } times) Log.UpkeepFailed(logger, times, e.Message, e is StoreUnavailableException ? null : e);
        }
    }
}
