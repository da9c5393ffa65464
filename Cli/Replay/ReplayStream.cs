using System.Threading.Channels;
using Grpc.Core;
using Tikr.Contracts;

namespace Tikr.Cli.Replay;

/// <summary>One ingest stream of a replay: collects ticks into messages and sends them as fast as the server takes them.</summary>
internal sealed class ReplayStream : IAsyncDisposable
{
    private const int MessagesWaiting = 4;

    private readonly string _series;
    private readonly int _batch;
    private readonly AsyncClientStreamingCall<IngestRequest, IngestResponse> _call;
    private readonly Channel<IngestRequest> _messages = Channel.CreateBounded<IngestRequest>(MessagesWaiting);
    private readonly Task _sending;
    private IngestRequest _current;

    public ReplayStream(Contracts.Tikr.TikrClient client, string series, int batch, CancellationToken cancellation)
    {
        _series = series;
        _batch = batch;
        _current = new IngestRequest { Series = series };
        _call = client.IngestTicks(cancellationToken: cancellation);
        _sending = SendAsync(cancellation);
    }

    /// <summary>Ticks given to this stream.</summary>
    public long Sent { get; private set; }

    /// <summary>Adds a tick; waits while the server is behind.</summary>
    public ValueTask AddAsync(TickData tick, CancellationToken cancellation)
    {
        _current.Ticks.Add(tick);
        Sent++;
        return _current.Ticks.Count >= _batch ? FlushAsync(cancellation) : default;
    }

    /// <summary>Sends what has been collected.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellation)
    {
        if (_current.Ticks.Count == 0) return;
        var message = _current;
        _current = new IngestRequest { Series = _series };
        try
        {
            await _messages.Writer.WriteAsync(message, cancellation);
        }
        catch (ChannelClosedException)
        {
            await _sending;
        }
    }

    /// <summary>Ends the stream and waits until everything is durable.</summary>
    public async Task<IngestResponse> CompleteAsync(CancellationToken cancellation)
    {
        await FlushAsync(cancellation);
        _messages.Writer.TryComplete();
        await _sending;
        await _call.RequestStream.CompleteAsync();
        return await _call.ResponseAsync;
    }

    public ValueTask DisposeAsync()
    {
        _messages.Writer.TryComplete();
        _call.Dispose();
        return default;
    }

    private async Task SendAsync(CancellationToken cancellation)
    {
        try
        {
            await foreach (var message in _messages.Reader.ReadAllAsync(cancellation)) await _call.RequestStream.WriteAsync(
                message, cancellation);
        }
        catch (Exception error)
        {
            _messages.Writer.TryComplete(error);
            // The status of the call says why; the failed write often only says that the call is over.
            if (error is RpcException or InvalidOperationException) await _call.ResponseAsync;
            throw;
        }
    }
}
