using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Tikr.Core.Time;
using Tikr.Storage;
using Tikr.Storage.RocksDb;

namespace Tikr.Benchmarks.Host;

/// <summary>Runs the store's own housekeeping more often than every ten minutes.</summary>
internal sealed class FrequentReaper(IEnumerable<IReapable> stores, TimeProvider time, TimeSpan period) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (var store in stores) await store.ReapAsync(time.GetUnixNanoseconds(), stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }
}

internal static class ShortLife
{
    /// <summary>
    /// Lets data on the embedded store expire after minutes. Everything that happens then is the store's own: only the rule that a life is
    /// at least an hour is lifted, and the reaper's ten minutes are shortened in the same proportion.
    /// </summary>
    public static void ExpireAfter(this IServiceCollection services, TimeSpan life)
    {
        services.RemoveAll<IValidateOptions<RocksDbStoreOptions>>();
        services.PostConfigure<RocksDbStoreOptions>(store => store.TicksTtl = store.BarsTtl = life);
        services.AddSingleton<IHostedService>(provider => new FrequentReaper(
            provider.GetServices<IReapable>(), provider.GetRequiredService<TimeProvider>(), life / 6));
    }
}
