using Tikr.Core.Wire;
using Tikr.Grains;
using Tikr.Storage;

namespace Tikr.Gateway.Ingest;

/// <summary>What every ingest stream shares once the gateway is ready.</summary>
internal sealed class IngestPipeline(
    IReadOnlyList<SeriesIntake> series, PendingTicks pending, IKeyStore keys,
        ITickStore store, IngestObserver observer, IOutputState? output = null)
{
    private readonly Dictionary<SeriesIngress, SeriesIntake> _intakes = series.ToDictionary(s => s.Ingress);

    public PendingTicks Pending { get; } = pending;

    public IKeyStore Keys { get; } = keys;

    public IngestObserver Observer { get; } = observer;

    /// <summary>Why no tick can be taken now, or null.</summary>
    public string? BlockedReason => store.IngestBlockedReason;

    /// <summary>Completes when another message of the series may be taken.</summary>
    public async ValueTask RoomAsync(SeriesIntake series, CancellationToken cancellation)
    {
        if (output?.RoomAsync(series.Handle.SeriesId) is { IsCompleted: false } held)
            await held.WaitAsync(cancellation).ConfigureAwait(false);
        await Pending.RoomAsync().WaitAsync(cancellation).ConfigureAwait(false);
    }

    public SeriesIntake IntakeOf(SeriesIngress ingress) => _intakes[ingress];
}
