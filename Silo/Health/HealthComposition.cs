using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Tikr.Silo.Health;

internal static class HealthComposition
{
    /// <summary>Answers for health while everything that is added later still starts.</summary>
    public static IServiceCollection AddEarlyHealth(this IServiceCollection services)
    {
        services.AddSingleton<EarlySockets>();
        services.AddHostedService<EarlyHealth>();
        services.AddOptions<SocketTransportOptions>()
            .Configure<EarlySockets>((transport, sockets) => transport.CreateBoundListenSocket = sockets.TakeOrBind);
        return services;
    }
}
