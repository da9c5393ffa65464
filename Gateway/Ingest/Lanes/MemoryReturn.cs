using Tikr.Core.Time;

namespace Tikr.Gateway.Ingest.Lanes;

/// <summary>
/// Gives memory back to the operating system after many keys have gone. The collector keeps what it once had for as long as little is
/// allocated, and a node whose million keys fell silent allocates little: nothing else would shrink it. Belongs to the
/// lane; times are monotonic nanoseconds.
/// </summary>
internal sealed class MemoryReturn(Action trim, bool collects)
{
    /// <summary>So many keys are worth a full collection (about 100 ms beside ingest).</summary>
    private const long WorthCollecting = 20_000;

    // Activations of the same keys need this long to go as well.
    private static readonly long SettleNs = TimeSpan.FromSeconds(10).ToNanoseconds();
    private long _gone, _lastGoneNs;
    private Task _collecting = Task.CompletedTask;

    /// <summary>Notes keys that have left memory.</summary>
    public void Gone(int keys, long nowNs)
    {
        if (keys == 0) return;
        _gone += keys;
        _lastGoneNs = nowNs;
    }

    /// <summary>Collects once things have settled.</summary>
    public void Run(long nowNs)
    {
        if (_gone < WorthCollecting || nowNs - _lastGoneNs < SettleNs || !_collecting.IsCompleted) return;
        _gone = 0;
        trim();
        if (collects) _collecting = Task.Run(
            static () => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true));
    }
}
