using System.Threading.Channels;

namespace Tikr.Publishing.Sending;

/// <summary>Wakes one loop from any thread; signals that come while it is awake are one.</summary>
internal sealed class Wake : IDisposable
{
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly ITimer _timer;

    public Wake(TimeProvider time) =>
        _timer = time.CreateTimer(static state => ((Wake)state!).Set(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public void Set() => _signal.Writer.TryWrite(true);

    /// <summary>Waits for a signal, at most for this long.</summary>
    public async ValueTask WaitAsync(TimeSpan atMost, CancellationToken cancellation)
    {
        if (_signal.Reader.TryRead(out _)) return;
        _timer.Change(atMost, Timeout.InfiniteTimeSpan);
        await _signal.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false);
        _signal.Reader.TryRead(out _);
    }

    public void Dispose() => _timer.Dispose();
}
