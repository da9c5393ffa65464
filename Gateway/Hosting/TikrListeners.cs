using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Tikr.Gateway.Bounds;

namespace Tikr.Gateway.Hosting;

/// <summary>The listeners of a gateway; after the start it knows the ports that were really bound.</summary>
public sealed class TikrListeners
{
    private readonly ConnectionDrain _drain;
    private readonly ConnectionGate _gate;
    private readonly Dictionary<TikrPort, ListenOptions> _bound = [];
    private readonly Dictionary<TikrPort, int> _wanted = [];

    internal TikrListeners(ConnectionDrain drain, ConnectionGate gate) => (_drain, _gate) = (drain, gate);

    /// <summary>Port of gRPC; 0 before the start where a free one is to be taken.</summary>
    public int GrpcPort => PortOf(TikrPort.Grpc);

    /// <summary>Port of health and debug pages.</summary>
    public int HttpPort => PortOf(TikrPort.Http);

    /// <summary>Port of the Prometheus page; 0 where none is served.</summary>
    public int MetricsPort => PortOf(TikrPort.Metrics);

    /// <summary>Adds the three listeners to Kestrel.</summary>
    public void Listen(KestrelServerOptions kestrel, GatewayOptions options)
    {
        Add(kestrel, options.Bind, TikrPort.Grpc, options.GrpcPort, HttpProtocols.Http2);
        Add(kestrel, options.Bind, TikrPort.Http, options.HttpPort, HttpProtocols.Http1);
        if (options.MetricsPort is { } metrics) Add(kestrel, options.Bind, TikrPort.Metrics, metrics, HttpProtocols.Http1);
    }

    private void Add(KestrelServerOptions kestrel, IPAddress bind, TikrPort role, int port, HttpProtocols protocols)
    {
        _wanted[role] = port;
        // Clients that say "localhost" may try ::1 first; Kestrel can bind both loopback addresses only to a port known beforehand.
        if (bind.Equals(IPAddress.Loopback) && port != 0) kestrel.ListenLocalhost(port, Configure);
        else kestrel.Listen(bind, port, Configure);

        void Configure(ListenOptions listen)
        {
            listen.Protocols = protocols;
            var tag = new TikrPortTag(role);
            listen.Use(next => connection =>
            {
                connection.Features.Set(tag);
                return _gate.RunAsync(role, connection, next);
            });
            listen.Use(next => connection => _drain.RunAsync(connection, next));
            if (port == 0) _bound[role] = listen;
        }
    }

    private int PortOf(TikrPort role) =>
        _bound.TryGetValue(role, out var listen) ? listen.IPEndPoint!.Port : _wanted.GetValueOrDefault(role);
}
