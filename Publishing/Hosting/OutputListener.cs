using Tikr.Storage;

namespace Tikr.Publishing.Hosting;

/// <summary>Takes stored bars to their senders, if they are here; other silos find them in the outbox.</summary>
internal sealed class OutputListener(OutputRunner runner, IngestHold hold) : IBarListener
{
    public void Stored(ReadOnlySpan<StoredBar> bars)
    {
        runner.Current.Offer(bars);
        hold.Update();
    }

    public void OutcomeUnknown(IReadOnlyList<BarWrite> writes) => runner.Current.LookForMissed();
}
