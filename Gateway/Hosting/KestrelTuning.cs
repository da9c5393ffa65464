using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Tikr.Core.Memory;

namespace Tikr.Gateway.Hosting;

/// <summary>Sets Kestrel up for ingest at full speed.</summary>
public static class KestrelTuning
{
    /// <summary>
    /// Changes limits and receive buffers of Kestrel, which it has once for all listeners of a process: for a process that serves nothing
    /// else. <see cref="TikrGatewayServices.AddTikrGateway"/> leaves them as they are.
    /// </summary>
    public static IServiceCollection TuneKestrelForTikr(this IServiceCollection services, Action<KestrelTuningOptions>? configure = null)
    {
        var tuning = services.AddOptions<KestrelTuningOptions>();
        if (configure is not null) tuning.Configure(configure);
        services.Replace(ServiceDescriptor.Singleton<IMemoryPoolFactory<byte>, ReceiveBlockFactory>());
        services.AddOptions<KestrelServerOptions>()
            .Configure<IOptions<KestrelTuningOptions>, IOptions<GatewayOptions>, MemoryBudget>((kestrel, tuning, gateway, budget) =>
                Apply(tuning.Value, budget.WindowOf(gateway.Value.MaxConnections), kestrel));
        return services;
    }

    // Each open call may hold as much.
    private const int LargestHeaders = 16 * 1024;

    private static void Apply(KestrelTuningOptions tuning, long window, KestrelServerOptions kestrel)
    {
        var http2 = kestrel.Limits.Http2;
        http2.InitialConnectionWindowSize = (int)Math.Min(tuning.ConnectionWindowBytes, window);
        http2.InitialStreamWindowSize = Math.Min(tuning.StreamWindowBytes, http2.InitialConnectionWindowSize);
        http2.MaxStreamsPerConnection = tuning.MaxStreamsPerConnection;
        // A client that vanished without closing is found by the ping; one that only reads slowly is not cut off.
        http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.MaxRequestHeadersTotalSize = LargestHeaders;
        kestrel.AddServerHeader = false;
    }
}
