using Tikr.Core.Rollup;
using Tikr.Core.Specs;

namespace Tikr.Gateway.Ingest.Lanes;

/// <summary>What a lane holds of one series; belongs to the lane alone.</summary>
internal sealed class LaneSeries
{
    public LaneSeries(IngestSeries ingest)
    {
        Ingest = ingest;
        AlwaysRecomputes = ingest.Model.Spec.Dedup != DedupPolicy.None;
        Group = new FlushGroup(this);
    }

    public IngestSeries Ingest { get; }

    /// <summary>The same series as it was configured before, while something of it is left to cover.</summary>
    public LaneSeries? Before { get; set; }

    public ushort SeriesId => Ingest.Series.Id;

    public SeriesModel Model => Ingest.Model;

    /// <summary>Its ticks in the flush being made.</summary>
    public FlushGroup Group { get; }

    public SourceTable Sources { get; } = new();

    /// <summary>Keys with cells, by key number.</summary>
    public Dictionary<uint, LaneKey> Active { get; } = [];

    /// <summary>Whether nothing of it is left to cover.</summary>
    public bool IsIdle => Active.Count == 0 && Group.Keys == 0;

    /// <summary>Whether bars can only be made from the stored ticks, because equal ticks count once.</summary>
    public bool AlwaysRecomputes { get; }
}
