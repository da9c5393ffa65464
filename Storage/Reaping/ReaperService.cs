using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tikr.Core.Time;

namespace Tikr.Storage.Reaping;

/// <summary>Runs the housekeeping of stores that do not expire their data themselves (<see cref="ITtlSupport"/>).</summary>
/// <param name="stores">The stores.</param>
/// <param name="time">Paces it, and says what has expired.</param>
/// <param name="logger">Hears of failures.</param>
/// <param name="gate">What expiry waits for after the start; size limits do not.</param>
public sealed class ReaperService(
    IEnumerable<IReapable> stores, TimeProvider time, ILogger<ReaperService> logger, RecoveryGate? gate = null) : BackgroundService
{
    /// <summary>Between two cycles of expiry.</summary>
    public static readonly TimeSpan ReapPeriod = TimeSpan.FromMinutes(10);

    /// <summary>Between two checks of the size limits.</summary>
    public static readonly TimeSpan SizePeriod = TimeSpan.FromSeconds(10);

    private readonly PeriodicTimer _timer = new(SizePeriod, time);
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
        IReapable[] reapable = [.. stores.Where(store => !ExpiresItself(store))];
        if (reapable.Length == 0) return;
        long? lastReap = null;
        try
        {
            while (await _timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                var reaps = gate is not { IsOpen: false } && (lastReap is null || time.GetElapsedTime(lastReap.Value) >= ReapPeriod);
                if (reaps) lastReap = time.GetTimestamp();
                foreach (var store in reapable.Where(store => !ExpiresItself(store)))
                    await RunAsync(store, reaps, stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    private static bool ExpiresItself(IReapable store) => store is ITtlSupport { ExpiresItself: true };

    private async Task RunAsync(IReapable store, bool reaps, CancellationToken stoppingToken)
    {
        try
        {
            if (reaps) await store.ReapAsync(time.GetUnixNanoseconds(), stoppingToken).ConfigureAwait(false);
            else await store.EnforceLimitsAsync(stoppingToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever went wrong, the next cycle tries again; ending the loop would fill the disk.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            if (_failures.Next() is { } times) Log.ReapFailed(logger, times, e.Message, e is StoreUnavailableException ? null : e);
        }
    }
}
