using System.Net;
using System.Net.Sockets;

namespace Tikr.Tests.Storage.Timescale.Servers;

/// <summary>Sends back what it gets.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _gate = new();
    private readonly List<(long Bytes, TaskCompletionSource Reached)> _waiting = [];
    private readonly Task _accepting;
    private long _received;

    public EchoServer()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Bytes that have arrived over all connections.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>Waits until so many bytes have arrived.</summary>
    public Task WaitForAsync(long bytes)
    {
        lock (_gate)
        {
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_received >= bytes) reached.SetResult();
            else _waiting.Add((bytes, reached));
            return reached.Task.WaitAsync(TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = EchoAsync(await _listener.AcceptSocketAsync());
        }
        catch (Exception end) when (end is SocketException or InvalidOperationException)
        {
            // Disposed.
        }
    }

    private async Task EchoAsync(Socket client)
    {
        using var closing = client;
        var buffer = new byte[64 * 1024];
        try
        {
            int read;
            while ((read = await client.ReceiveAsync(buffer)) > 0)
            {
                Count(read);
                for (var sent = 0; sent < read;) sent += await client.SendAsync(buffer.AsMemory(sent, read - sent));
            }
        }
        catch (SocketException)
        {
            // The connection was cut.
        }
    }

    private void Count(int bytes)
    {
        lock (_gate)
        {
            _received += bytes;
            foreach (var (at, reached) in _waiting)
            {
                if (_received >= at) reached.TrySetResult();
            }
        }
    }
}
