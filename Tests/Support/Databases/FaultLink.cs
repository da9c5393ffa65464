using System.Net.Sockets;

namespace Tikr.Tests.Support.Databases;

/// <summary>One client's connection through a proxy.</summary>
internal sealed class FaultLink(Socket client, FaultState state, TimeProvider time) : IDisposable
{
    private const int BufferBytes = 64 * 1024;
    private readonly CancellationTokenSource _reset = new();
    private readonly Socket _server = new(SocketType.Stream, ProtocolType.Tcp);

    /// <summary>Whether data of it vanished: what follows would make no sense to its receiver. Set by <see cref="FaultState"/>.</summary>
    public bool HasLost { get; set; }

    /// <summary>Ends it with a TCP reset on both sides.</summary>
    public void Reset()
    {
        try
        {
            _reset.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself.
        }
    }

    /// <summary>Connects to the server and passes data until either side ends or it is reset.</summary>
    public async Task RunAsync(string host, int port)
    {
        var orderly = false;
        try
        {
            await _server.ConnectAsync(host, port, _reset.Token).ConfigureAwait(false);
            (client.NoDelay, _server.NoDelay) = (true, true);
            var ways = new[] { PassAsync(client, _server, Flow.ToServer), PassAsync(_server, client, Flow.ToClient) };
            // A way that breaks breaks the other; one that ends leaves the other to finish what it has.
            foreach (var way in ways)
                _ = way.ContinueWith(_ => Reset(), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            await Task.WhenAll(ways).ConfigureAwait(false);
            orderly = true;
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The server is away, a side broke off, or the test cut it.
        }
        finally
        {
            // Zero linger makes closing a reset.
            if (!orderly) (client.LingerState, _server.LingerState) = (new LingerOption(true, 0), new LingerOption(true, 0));
            client.Dispose();
            _server.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        client.Dispose();
        _server.Dispose();
        _reset.Dispose();
    }

    private async Task PassAsync(Socket from, Socket to, Flow flow)
    {
        var buffer = new byte[BufferBytes];
        int read;
        while ((read = await from.ReceiveAsync(buffer, _reset.Token).ConfigureAwait(false)) > 0)
        {
            if (state.Latency is { Ticks: > 0 } latency) await Task.Delay(latency, time, _reset.Token).ConfigureAwait(false);
            var (bytes, then) = state.Admit(this, flow, read);
            for (var sent = 0; sent < bytes;)
                sent += await to.SendAsync(buffer.AsMemory(sent, bytes - sent), _reset.Token).ConfigureAwait(false);
            then?.Invoke();
        }

        to.Shutdown(SocketShutdown.Send);
    }
}
