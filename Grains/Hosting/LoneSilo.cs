using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Metadata;
using Tikr.Grains.Activations;
using Tikr.Storage;

namespace Tikr.Grains.Hosting;

/// <summary>
/// With a store that is not shared there is one silo with series grains: with two, ticks of one would make bars in the other, whose store
/// does not have them. A silo that finds others does not become active; one that is found by another with series grains stops.
/// </summary>
internal sealed class LoneSilo(
    IClusterMembershipService members, IClusterManifestProvider manifests, GrainTypeResolver types, ILocalSiloDetails self,
    IHostApplicationLifetime lifetime, ILogger<LoneSilo> logger, IServiceProvider services)
    : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _watching = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle)
    {
        if (services.GetService<UnsharedStore>() is not { } store) return;
        // After dead entries have been told from living ones, and before any grain can come here.
        lifecycle.Subscribe(nameof(LoneSilo), ServiceLifecycleStage.BecomeActive - 50, _ => RefuseAsync(store));
        lifecycle.Subscribe(nameof(LoneSilo), ServiceLifecycleStage.Active, _ => WatchAsync(store), _ => StopAsync());
    }

    public void Dispose() => _stop.Dispose();

    private async Task RefuseAsync(UnsharedStore store)
    {
        await members.Refresh().ConfigureAwait(false);
        var others = members.CurrentSnapshot.Members.Values
            .Where(member => !member.SiloAddress.Equals(self.SiloAddress) && member.Status is SiloStatus.Joining or SiloStatus.Active)
            .Select(member => member.SiloAddress.Endpoint.ToString()).Order(StringComparer.Ordinal).ToList();
        if (others.Count > 0) throw Errors.StoreNotShared(store.Name, string.Join(", ", others));
    }

    private Task WatchAsync(UnsharedStore store)
    {
        _watching = Task.Run(() => StopWhenFoundAsync(store), CancellationToken.None);
        return Task.CompletedTask;
    }

    private async Task StopWhenFoundAsync(UnsharedStore store)
    {
        var series = types.GetGrainType(typeof(SeriesGrain));
        try
        {
            await foreach (var manifest in manifests.Updates.WithCancellation(_stop.Token).ConfigureAwait(false))
            {
                foreach (var (silo, grains) in manifest.Silos)
                {
                    if (silo.Equals(self.SiloAddress) || !grains.Grains.ContainsKey(series)) continue;
                    Log.StoreNotShared(logger, silo.Endpoint.ToString(), store.Name);
                    lifetime.StopApplication();
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }

    private async Task StopAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
    }
}
