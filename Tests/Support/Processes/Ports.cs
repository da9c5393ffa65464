using System.Net;
using System.Net.Sockets;

namespace Tikr.Tests.Support.Processes;

/// <summary>Three TCP ports of the loopback address that are free now.</summary>
/// <param name="Grpc">For gRPC.</param>
/// <param name="Http">For health and debug.</param>
/// <param name="Metrics">For Prometheus.</param>
public sealed record Ports(int Grpc, int Http, int Metrics)
{
    /// <summary>Asks the system for free ports.</summary>
    public static Ports Free()
    {
        var listeners = Enumerable.Range(0, 3).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        try
        {
            var ports = Array.ConvertAll(listeners, listener =>
            {
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            });
            return new Ports(ports[0], ports[1], ports[2]);
        }
        finally
        {
            foreach (var listener in listeners) listener.Dispose();
        }
    }
}
