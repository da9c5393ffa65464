using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tikr.Core.Ingest;
using Tikr.Core.Time;
using Tikr.Gateway.Http;
using Tikr.Gateway.Metrics;

namespace Tikr.Gateway.Clock;

/// <summary>
/// Looks once a second whether the wall clock was stepped: logs and counts it, and names it in <c>/readyz</c> while ticks are rejected that
/// the clock may be to blame for.
/// </summary>
internal sealed class ClockWatch : IHostedService, IDegradation, IDisposable
{
    private const long LeastStepNs = 500_000_000;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1), Lately = TimeSpan.FromMinutes(1);
    private readonly TimeProvider _time;
    private readonly GatewayMetrics _metrics;
    private readonly ILogger<ClockWatch> _log;
    private readonly ClockSteps _steps;
    private readonly Lock _gate = new();
    private ITimer? _timer;
    private long _lastNs, _lastAtUnixNs;
    private long? _rejectedAt;

    public ClockWatch(TimeProvider time, GatewayMetrics metrics, ILogger<ClockWatch> log)
    {
        (_time, _metrics, _log) = (time, metrics, log);
        _steps = new ClockSteps(Instant.Of(time), LeastStepNs);
    }

    /// <inheritdoc/>
    public IEnumerable<string> Degradations
    {
        get
        {
            lock (_gate)
            {
                if (_steps.TotalNs == 0 || _rejectedAt is not { } at || _time.GetElapsedTime(at) > Lately) return [];
                return [string.Create(CultureInfo.InvariantCulture,
                    $"the wall clock was stepped by {_lastNs / 1e9:+0.0;-0.0} s at {UnixTime.ToTime(_lastAtUnixNs):u}, and ticks are "
                        + $"rejected for their timestamps: set the clocks of this machine and of the producers right")];
            }
        }
    }

    /// <summary>Looks now.</summary>
    public void Look()
    {
        var now = Instant.Of(_time);
        long step;
        lock (_gate)
        {
            step = _steps.Look(now);
            if (step == 0) return;
            (_lastNs, _lastAtUnixNs) = (step, now.UnixNs);
        }

        _metrics.ClockStepped(step > 0);
        Log.ClockStepped(_log, step / 1e9);
    }

    /// <summary>Ticks were rejected for a reason.</summary>
    public void Rejected(string reason)
    {
        if (reason is not (RejectionReasons.TimestampOutOfRange or RejectionReasons.TooLate)) return;
        lock (_gate) _rejectedAt = _time.GetTimestamp();
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _timer = _time.CreateTimer(static watch => ((ClockWatch)watch!).Look(), this, Period, Period);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public void Dispose() => _timer?.Dispose();
}
