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
        var compatible = context.GetCompatibleSilos(target);
        var division = view.Now;
        if (!division.IsAlone)
        {
            var owner = division.Members[division.OwnerOf(SeriesKey.Parse(target.GrainIdentity.Key.ToString()!).Hash)].Silo;
            if (compatible.Contains(owner)) return Task.FromResult(owner);
        }

        // A silo that does not know of others yet, or of which the owner has just gone.
        return Task.FromResult(compatible.Contains(context.LocalSilo) ? context.LocalSilo : compatible[0]);
    }
}
