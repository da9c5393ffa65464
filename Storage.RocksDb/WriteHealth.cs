using Microsoft.Extensions.Logging;
using Tikr.Core.Time;

namespace Tikr.Storage.RocksDb;

/// <summary>Whether the store can write: what failed last, and whether what is under way gets on.</summary>
internal sealed class WriteHealth(string folder, TimeProvider time, ILogger logger) : IStoreHealth
{
    /// <summary>How long writes may wait while none gets done.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly StoreTrouble _failing = new(
        time, (reason, writes) => Log.WritesFail(logger, reason, writes, folder), () => Log.WritesAgain(logger, folder));

    private readonly LogPace _stalls = new(time);
    private int _underWay;
    private long _lastProgress;

    /// <inheritdoc/>
    public string? Trouble => _failing.Reason ?? (Stall is { } stall ? Errors.Stalled(folder, stall) : null);

    /// <summary>Whether the last write failed.</summary>
    public bool IsFailing => _failing.Reason is not null;

    /// <summary>For how long no write has been done while some wait; null while they get on.</summary>
    private TimeSpan? Stall => Volatile.Read(ref _underWay) > 0
        && time.GetElapsedTime(Volatile.Read(ref _lastProgress)) is var waiting && waiting > Patience ? waiting : null;

    /// <summary>A write begins.</summary>
    public void Begin()
    {
        if (Interlocked.Increment(ref _underWay) == 1) Volatile.Write(ref _lastProgress, time.GetTimestamp());
    }

    /// <summary>It has come to an end, either way.</summary>
    public void End()
    {
        Volatile.Write(ref _lastProgress, time.GetTimestamp());
        Interlocked.Decrement(ref _underWay);
    }

    public void Succeeded() => _failing.Succeeded();

    public void Failed(string reason) => _failing.Failed(reason);

    /// <summary>Logs writes that wait.</summary>
    public void LogStall()
    {
        if (Stall is { } stall)
        {
            if (_stalls.Next() is not null) Log.WritesStall(logger, folder, stall.TotalSeconds);
        }
        else
        {
            _stalls.Reset();
        }
    }
}
