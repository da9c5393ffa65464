using Microsoft.Extensions.Logging;
using Tikr.Core.Time;
using Tikr.Grains.Metrics;
using Tikr.Storage;

namespace Tikr.Grains.Writing;

/// <summary>
/// Bars whose write has failed and that are not stored yet: each is counted once, however often it is tried again. One log line when it
/// begins, then one a minute. Touched by the loop that writes bars alone.
/// </summary>
internal sealed class FailedBars(GrainMetrics metrics, TimeProvider time, ILogger logger)
{
    // Who asked for a bar may be gone: nothing is remembered for long once writes succeed.
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(1);
    private readonly HashSet<(ushort SeriesId, uint KeyId, long Bucket)> _bars = [];
    private readonly LogPace _expected = new(time), _unexpected = new(time);
    private long _lastFailure;

    /// <summary>A group commit failed.</summary>
    public void Failed(IReadOnlyList<BarWrite> writes, Exception error)
    {
        _lastFailure = time.GetTimestamp();
        var before = _bars.Count;
        foreach (var write in writes) _bars.Add(KeyOf(write));
        metrics.WritesFailed(_bars.Count - before);
        if (error is StoreUnavailableException)
        {
            if (_expected.Next() is { } times) Log.BarWritesFail(logger, _bars.Count, error.Message, times);
        }
        else if (_unexpected.Next() is { } times)
        {
            Log.BarWriteFailed(logger, _bars.Count, times, error);
        }
    }

    /// <summary>A group commit was done: whatever became of its bars, they wait no more.</summary>
    public void Done(IReadOnlyList<BarWrite> writes)
    {
        if (_bars.Count == 0) return;
        foreach (var write in writes) _bars.Remove(KeyOf(write));
        if (time.GetElapsedTime(_lastFailure) > Memory) _bars.Clear();
        if (_bars.Count > 0) return;
        _bars.TrimExcess();
        _expected.Reset();
        _unexpected.Reset();
    }

    private static (ushort, uint, long) KeyOf(in BarWrite write) => (write.Series.Id, write.KeyId, write.Bar.BucketStart);
}
