using System.Globalization;
using Grpc.Core;
using Tikr.Contracts;
using Tikr.Core.Time;

namespace Tikr.Silo.Demo;

/// <summary>
/// Sends the market to the server like any producer: over gRPC, through the socket. One stream per second, each acknowledged at its end.
/// </summary>
internal sealed class DemoFeed(Contracts.Tikr.TikrClient client, TimeProvider time)
{
    private const double TicksPerSecond = 2000;

    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan StreamLife = TimeSpan.FromSeconds(1);

    private long _sent;
    private long _acknowledged;
    private long _rejected;

    /// <summary>Ticks sent.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Ticks that the server has said are durable.</summary>
    public long Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Ticks that the server has refused.</summary>
    public long Rejected => Volatile.Read(ref _rejected);

    /// <summary>Feeds until it is told to stop; returns when everything sent is acknowledged.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var market = new DemoMarket(new Random(), TicksPerSecond, time.GetUnixNanoseconds());
        while (!stop.IsCancellationRequested) await StreamAsync(market, stop);
    }

    private async Task StreamAsync(DemoMarket market, CancellationToken stop)
    {
        using var call = client.IngestTicks(cancellationToken: CancellationToken.None);
        try
        {
            await SendAsync(call, market, stop);
            var answer = await call.ResponseAsync;
            Count((long)answer.TicksReceived, (long)answer.TicksRejected);
        }
        catch (RpcException ended) when (stop.IsCancellationRequested)
        {
            // The server is stopping: it has stored what it read, and says in the trailers how much that was.
            Count(NumberIn(ended.Trailers, "tikr-ticks-received"), NumberIn(ended.Trailers, "tikr-ticks-rejected"));
        }
    }

    private async Task SendAsync(AsyncClientStreamingCall<IngestRequest, IngestResponse> call, DemoMarket market, CancellationToken stop)
    {
        using var beat = new PeriodicTimer(Beat, time);
        var started = time.GetTimestamp();
        do
        {
            var message = new IngestRequest { Series = DemoSetup.Series, Ticks = { market.TradesUntil(time.GetUnixNanoseconds()) } };
            if (message.Ticks.Count == 0) continue;
            await call.RequestStream.WriteAsync(message, CancellationToken.None);
            Interlocked.Add(ref _sent, message.Ticks.Count);
        }
        while (time.GetElapsedTime(started) < StreamLife && await NextAsync(beat, stop));

        await call.RequestStream.CompleteAsync();
    }

    private void Count(long acknowledged, long rejected)
    {
        Interlocked.Add(ref _acknowledged, acknowledged);
        Interlocked.Add(ref _rejected, rejected);
    }

    private static long NumberIn(Metadata trailers, string name) =>
        long.TryParse(trailers.GetValue(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static async ValueTask<bool> NextAsync(PeriodicTimer beat, CancellationToken stop)
    {
        try
        {
            return await beat.WaitForNextTickAsync(stop);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
