using Tikr.Core.Rollup;
using Tikr.Core.Wire;
using Tikr.Storage;

namespace Tikr.Gateway.Ingest;

/// <summary>A series on the ingest path: its place in the store, its keys and its feeds.</summary>
internal sealed class SeriesIntake(SeriesHandle handle, SeriesIngress ingress, ResidentKeys resident)
{
    public SeriesHandle Handle { get; } = handle;

    public SeriesIngress Ingress { get; } = ingress;

    public ResidentKeys Resident { get; } = resident;

    public SeriesPlan Plan => Handle.Plan;

    /// <summary>Belongs to the flush loop.</summary>
    public FeedTable Feeds { get; } = new();

    /// <summary>Keys with cells, by key number. Belongs to the flush loop.</summary>
    public Dictionary<uint, GatewayKey> Active { get; } = [];

    /// <summary>Whether bars can only be made from the stored ticks, because equal ticks count once.</summary>
    public bool AlwaysRecomputes { get; } = handle.Plan.Spec.Dedup != Core.Specs.DedupPolicy.None;
}
