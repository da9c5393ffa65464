using Tikr.Core.Time;

namespace Tikr.Gateway.Ingest.Lanes;

/// <summary>
/// Steps a lane whenever there may be something to do. It has a thread of its own, so that decoding, which fills the thread pool under
/// load, cannot starve it.
/// </summary>
internal sealed class LaneThread : IDisposable
{
    // A lane looks at what is to be done once a second at least, whatever it said.
    private const double LongestWaitMs = 1_000;
    private readonly FlushLane _lane;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Thread _thread;

    public LaneThread(FlushLane lane, TimeProvider time)
    {
        (_lane, _time) = (lane, time);
        _timer = time.CreateTimer(
            static queue => ((IngestQueue)queue!).Wake(), lane.Queue, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _thread = new Thread(Run) { Name = "tikr flush", IsBackground = true };
    }

    public void Start() => _thread.Start();

    /// <summary>Commits what waits and ends the thread.</summary>
    public Task StopAsync()
    {
        _lane.Stop();
        return Task.Run(_thread.Join);
    }

    public void Dispose() => _timer.Dispose();

    private void Run()
    {
        while (!_lane.IsStopping)
        {
            var nextNs = _lane.TryStep(Instant.Of(_time));
            var waitMs = Math.Clamp(Math.Ceiling(((double)nextNs - Instant.MonotonicOf(_time)) / 1e6), 1, LongestWaitMs);
            _timer.Change(TimeSpan.FromMilliseconds(waitMs), Timeout.InfiniteTimeSpan);
            _lane.Queue.Wait();
        }

        _lane.Finish(Instant.Of(_time));
    }
}
