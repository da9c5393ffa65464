using System.Net;
using System.Net.Sockets;

namespace Tikr.Tests.Storage.Timescale;

/// <summary>A TCP proxy in front of the database that fails on demand.</summary>
public sealed class FaultyProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Socket> _sockets = [];
    private readonly IPEndPoint _server;
    private readonly Task _accepting;
    private byte[]? _cutAfter;
    private volatile bool _silent;
    private TaskCompletionSource _speaks = new();

    public FaultyProxy(string host, int port)
    {
        _server = new IPEndPoint(Dns.GetHostAddresses(host).First(a => a.AddressFamily == AddressFamily.InterNetwork), port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>
    /// Passes on what the client sends up to and including a message with this text, then cuts that connection before the server can
    /// answer; once.
    /// </summary>
    public void CutAfterSending(string text) => Volatile.Write(ref _cutAfter, System.Text.Encoding.ASCII.GetBytes(text));

    /// <summary>Cuts every connection.</summary>
    public void CutAll()
    {
        lock (_sockets)
        {
            foreach (var socket in _sockets) Close(socket);
            _sockets.Clear();
        }
    }

    /// <summary>Lets nothing through, and closes nothing, as an unplugged cable does.</summary>
    public void FallSilent()
    {
        _speaks = new TaskCompletionSource();
        _silent = true;
    }

    /// <summary>Ends the silence; what was sent into it is lost.</summary>
    public void Speak()
    {
        _silent = false;
        CutAll();
        _speaks.TrySetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        _speaks.TrySetResult();
        CutAll();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_stop.Token);
                var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                lock (_sockets)
                {
                    _sockets.Add(client);
                    _sockets.Add(server);
                }

                _ = ServeAsync(client, server);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Closed.
        }
    }

    private async Task ServeAsync(Socket client, Socket server)
    {
        using var cut = new CancellationTokenSource();
        try
        {
            await server.ConnectAsync(_server, _stop.Token);
            await Task.WhenAny(ToServerAsync(client, server, cut), ToClientAsync(server, client, cut.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Cut.
        }

        Close(client);
        if (cut.IsCancellationRequested) await EndAsync(server);
        Close(server);
    }

    private async Task ToServerAsync(Socket client, Socket server, CancellationTokenSource cut)
    {
        var buffer = new byte[1 << 16];
        while (await client.ReceiveAsync(buffer, _stop.Token) is var count and > 0)
        {
            if (_silent) await _speaks.Task;
            var bytes = buffer.AsMemory(0, count);
            if (Volatile.Read(ref _cutAfter) is { } text && bytes.Span.IndexOf(text) >= 0)
            {
                Volatile.Write(ref _cutAfter, null);
                await cut.CancelAsync();
            }

            await server.SendAsync(bytes, _stop.Token);
            if (cut.IsCancellationRequested) return;
        }
    }

    private async Task ToClientAsync(Socket server, Socket client, CancellationToken cut)
    {
        var buffer = new byte[1 << 16];
        while (await server.ReceiveAsync(buffer, _stop.Token) is var count and > 0)
        {
            if (_silent) await _speaks.Task;
            if (cut.IsCancellationRequested) return;
            await client.SendAsync(buffer.AsMemory(0, count), _stop.Token);
        }
    }

    /// <summary>Lets the server read all that was sent before it sees the end.</summary>
    private async Task EndAsync(Socket server)
    {
        try
        {
            server.Shutdown(SocketShutdown.Send);
            var rest = new byte[1 << 12];
            while (await server.ReceiveAsync(rest, _stop.Token) > 0)
            {
                // What it answers reaches nobody.
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It has ended the connection itself.
        }
    }

    private static void Close(Socket socket)
    {
        try
        {
            socket.Close(0);
        }
        catch (SocketException)
        {
            // It was closed by the other side.
        }
    }
}
