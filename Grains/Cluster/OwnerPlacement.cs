using Orleans.Placement;
using Orleans.Runtime.Placement;
using Tikr.Grains.Activations;

namespace Tikr.Grains.Cluster;

/// <summary>Places the grain of a key at the silo that owns the key.</summary>
[Serializable, GenerateSerializer, Immutable, SuppressReferenceTracking]
internal sealed class OwnerPlacement : PlacementStrategy
{
    public static OwnerPlacement Instance { get; } = new();
}

/// <summary>Marks a grain that is placed so.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class OwnerPlacementAttribute() : PlacementAttribute(OwnerPlacement.Instance);

/// <summary>Asks the division of keys that deliveries go by, so that grain and partials meet without a call.</summary>
internal sealed class OwnerPlacementDirector(ClusterView view) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        // Who has this director has the grains too, also while it stops: then Orleans names no silo as compatible.
        var division = view.Now;
        if (division.IsAlone || context.LocalSiloStatus != SiloStatus.Active) return Task.FromResult(context.LocalSilo);
        var owner = division.Members[division.OwnerOf(SeriesKey.Parse(target.GrainIdentity.Key.ToString()!).Hash)].Silo;
        return Task.FromResult(context.GetCompatibleSilos(target).Contains(owner) ? owner : context.LocalSilo);
    }
}
