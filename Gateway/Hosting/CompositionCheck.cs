using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tikr.Core.Delivery;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Storage;

namespace Tikr.Gateway.Hosting;

/// <summary>Looks, before anything starts, whether the application has what the gateway and the specs need.</summary>
internal static class CompositionCheck
{
    /// <summary>Checks the application.</summary>
    /// <exception cref="InvalidOperationException">Something is missing.</exception>
    public static void Run(IServiceProvider services)
    {
        Need<ITickStore>(services, "a store", "AddTikrRocksDb or AddTikrTimescale");
        Need<IRecovery>(services, "its grains", "UseOrleans(silo => silo.AddTikrGrains())");
        Need<IReadOnlyList<SeriesModel>>(services, "the series", "AddSingleton<IReadOnlyList<SeriesModel>>(...)");
        if (Has<OutboxLayout>(services)) return;
        var log = services.GetRequiredService<ILoggerFactory>().CreateLogger("Tikr.Gateway");
        foreach (var model in services.GetRequiredService<IReadOnlyList<SeriesModel>>()) CheckOutput(model.Spec, log);
    }

    private static void Need<T>(IServiceProvider services, string what, string call)
    {
        if (!Has<T>(services)) throw Errors.Missing(what, call);
    }

    private static bool Has<T>(IServiceProvider services) =>
        services.GetRequiredService<IServiceProviderIsService>().IsService(typeof(T));

    private static void CheckOutput(SeriesSpec spec, ILogger log)
    {
        if (spec.Late == LatePolicy.Route) throw Errors.LateTicksWithoutOutput(spec.Series, spec.LateTopic ?? "");
        if (spec.Kafka is { OnFailure: not FailurePolicy.Drop } kafka) Log.NotPublished(log, spec.Series, kafka.Topic);
    }
}
