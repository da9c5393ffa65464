namespace Tikr.Tests.EndToEnd.Crash;

/// <summary>
/// Stops producers however a test ends: those of a failed one would send to a server that is gone, without a pause and for ever.
/// </summary>
internal sealed class ProducersEnd : CancellationTokenSource
{
    protected override void Dispose(bool disposing)
    {
        if (disposing) Cancel();
        base.Dispose(disposing);
    }
}
