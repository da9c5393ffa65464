using Tikr.Storage;

namespace Tikr.Grains;

/// <summary>Every error text of the grains.</summary>
internal static class Errors
{
    public static InvalidOperationException SeriesNotConfigured(string series) => new(
        $"Series '{series}' is not configured on this silo: a grain of it cannot run. "
            + $"Give every silo the same specs_dir, or retire the series' clients.");

    public static InvalidOperationException NotOwner(string series, SiloAddress silo) => new(
        $"A key of series '{series}' does not belong to silo {silo} any more: what was delivered for it is recomputed by its owner.");

    public static InvalidOperationException RecoveryFailed(int pairs) => new(
        $"Recovery could not bring {pairs} bars up to their stored ticks: the store failed (see the warnings before). "
        + "Nothing is lost; repair the store and start again.");

    public static StoreRefusedException StoreNotShared(string store, string others) => new(
        $"Another silo is in the cluster ({others}), and {store} belongs to one silo: the others would not see its ticks and bars. "
        + "Use the store on TimescaleDB (AddTikrTimescale), which silos share, or give this silo a cluster of its own.");
}
