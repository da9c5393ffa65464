using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Tikr.Tests.Support.Networks;

namespace Tikr.Tests.Support.Databases;

/// <summary>
/// A TCP proxy inside the test process that behaves as networks do on bad days. Faults begin at once, for open and new
/// connections; <see cref="Heal"/> ends them all.
/// </summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly string _host;
    private readonly int _port;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<FaultLink, Task> _links = new();
    private readonly Lock _gate = new();
    private readonly FaultState _state = new();
    private Listening? _listening;

    private readonly NetworkNamespace? _clients;

    private FaultProxy(string host, int port, TimeProvider time, NetworkNamespace? clients) =>
        (_host, _port, _time, _clients) = (host, port, time, clients);

    /// <summary>Where clients connect: a port of loopback that stays the same.</summary>
    public int Port { get; private set; }

    /// <summary>The address that clients connect to.</summary>
    public string Host { get; } = "127.0.0.1";

    /// <summary>How many connections clients have opened so far.</summary>
    public int Accepted { get; private set; }

    /// <summary>How many are open now.</summary>
    public int Open => _links.Count;

    /// <summary>What every piece of data waits before it is passed on, each way.</summary>
    public TimeSpan Latency
    {
        get => _state.Latency;
        set => _state.Latency = value;
    }

    /// <summary>Starts one before a server.</summary>
    /// <param name="host">The server's address.</param>
    /// <param name="port">The server's port.</param>
    /// <param name="time">The clock of <see cref="Latency"/>.</param>
    /// <param name="clients">On whose loopback address it listens, at the server's port; null for this process's, at a free one.</param>
    public static FaultProxy Start(string host, int port, TimeProvider? time = null, NetworkNamespace? clients = null)
    {
        var proxy = new FaultProxy(host, port, time ?? TimeProvider.System, clients) { Port = clients is null ? 0 : port };
        proxy.Listen();
        return proxy;
    }

    /// <summary>Starts one before a server.</summary>
    public static FaultProxy Start((string Host, int Port) server) => Start(server.Host, server.Port);

    /// <summary>Resets every open connection; new ones work.</summary>
    public void Cut()
    {
        foreach (var link in _links.Keys) link.Reset();
    }

    /// <summary>Resets every open connection as soon as this many further bytes went one way: in the midst of a message.</summary>
    public void CutAfter(long bytes, Flow flow) => _state.CutAfter(bytes, flow, Cut);

    /// <summary>Nobody listens any more: new connections are refused at once; open ones go on.</summary>
    public void Reject()
    {
        lock (_gate)
        {
            _listening?.Dispose();
            _listening = null;
        }
    }

    /// <summary>Data vanish from now on, and connections stay open: a pulled cable, or answers that get lost.</summary>
    public void Blackhole(Flow flow = Flow.Both) => _state.Blackhole(flow);

    /// <summary>Waits until data have vanished.</summary>
    public Task LossAsync() => _state.Loss;

    /// <summary>Ends refusing, latency and the black hole. What was lost stays lost: connections that lost data are reset.</summary>
    public void Heal()
    {
        // In this order: a client whose connection is reset comes back at once, and must not lose data again that nobody would then know
        // of.
        _state.Clear();
        foreach (var link in _links.Keys.Where(link => link.HasLost)) link.Reset();
        lock (_gate)
        {
            if (_listening is null) Listen();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Reject();
        while (!_links.IsEmpty)
        {
            Cut();
            await Task.WhenAll(_links.Values).ConfigureAwait(false);
        }
    }

    private void Listen()
    {
        var listener = _clients is null ? Bound() : _clients.Run(Bound);
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        _listening = new Listening(listener);
        _ = AcceptAsync(_listening);
    }

    private TcpListener Bound()
    {
        var listener = new TcpListener(IPAddress.Loopback, Port);
        listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Start();
        return listener;
    }

    private async Task AcceptAsync(Listening listening)
    {
        var stopping = listening.Stopping;
        try
        {
            while (true)
            {
                var client = await listening.Listener.AcceptSocketAsync(stopping).ConfigureAwait(false);
                Accepted++;
                var link = new FaultLink(client, _state, _time);
                // Entered before it runs, so that a cut finds it and it finds itself when it ends.
                var running = new TaskCompletionSource();
                _links[link] = running.Task;
                _ = RunAsync(link, running);

                // A cut right after refusing began may have come just before it was entered.
                if (stopping.IsCancellationRequested) link.Reset();
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Refusing begins.
        }
    }

    private async Task RunAsync(FaultLink link, TaskCompletionSource running)
    {
        using (link) await link.RunAsync(_host, _port).ConfigureAwait(false);
        _links.TryRemove(link, out _);
        running.SetResult();
    }

    private sealed class Listening(TcpListener listener) : IDisposable
    {
        private readonly CancellationTokenSource _stopping = new();

        public TcpListener Listener => listener;

        public CancellationToken Stopping => _stopping.Token;

        public void Dispose()
        {
            _stopping.Cancel();
            listener.Dispose();
            _stopping.Dispose();
        }
    }
}
