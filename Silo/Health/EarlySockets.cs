using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Tikr.Silo.Health;

/// <summary>
/// The listening sockets of the HTTP port from the first moment on. Kestrel, which starts after the silo, goes on with the same sockets, so
/// that no connection is refused in between.
/// </summary>
internal sealed class EarlySockets : IDisposable
{
    /// <summary>Connections answered at once.</summary>
    public const int MostConnections = 64;

    private readonly ConcurrentDictionary<IPEndPoint, Socket> _listening = new();
    private readonly CancellationTokenSource _handedOver = new();

    // Who connects and says nothing is let go after a while; until then as many take all the room there is, and further ones wait.
    private readonly SemaphoreSlim _room = new(MostConnections);

    /// <summary>Listens on the addresses on which Kestrel will, and has each connection answered.</summary>
    public void Listen(IPAddress bind, int port, Func<Socket, Task> answer)
    {
        // Where Kestrel takes "localhost" it listens on both loopback addresses, and does without one that the machine does not have.
        IPAddress[] addresses = bind.Equals(IPAddress.Loopback) ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : [bind];
        foreach (var address in addresses)
        {
            try
            {
                var endpoint = new IPEndPoint(address, port);
                var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
                socket.Listen();
                _listening[endpoint] = socket;
                _ = AcceptAsync(socket, answer);
            }
            catch (SocketException) when (address.Equals(IPAddress.IPv6Loopback))
            {
                // Kestrel finds out by itself.
            }
        }
    }

    /// <summary>The socket of an address for Kestrel: ours, or a new one.</summary>
    public Socket TakeOrBind(EndPoint endpoint)
    {
        _handedOver.Cancel();
        return endpoint is IPEndPoint ip && _listening.TryRemove(ip, out var socket)
            ? socket : SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
    }

    public void Dispose()
    {
        _handedOver.Cancel();
        foreach (var socket in _listening.Values) socket.Dispose();
        _handedOver.Dispose();
    }

    private async Task AnswerAsync(Socket connection, Func<Socket, Task> answer)
    {
        try
        {
            await answer(connection);
        }
        finally
        {
            _room.Release();
        }
    }

    private async Task AcceptAsync(Socket socket, Func<Socket, Task> answer)
    {
        var handedOver = _handedOver.Token;
        try
        {
            while (true)
            {
                var connection = await socket.AcceptAsync(handedOver);
                await _room.WaitAsync(handedOver);
                _ = AnswerAsync(connection, answer);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Kestrel has it now, or the start has failed.
        }
    }
}
