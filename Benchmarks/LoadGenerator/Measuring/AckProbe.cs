using System.Diagnostics;
using Grpc.Core;
using Grpc.Net.Client;

namespace Tikr.LoadGenerator.Measuring;

/// <summary>Short streams of one tick beside the load, one after the other: how long a producer waits for durability.</summary>
internal sealed class AckProbe(GrpcChannel channel, Feed feed)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private readonly CallInvoker _invoker = channel.CreateCallInvoker();

    public Feed Feed => feed;

    public Latencies Latencies { get; } = new();

    public long Acknowledged { get; private set; }

    public async Task RunAsync(CancellationToken stop)
    {
        feed.Begin();
        using var timer = new PeriodicTimer(Interval);
        while (!stop.IsCancellationRequested)
        {
            var message = feed.Compose();
            var started = Stopwatch.GetTimestamp();
            using var call = _invoker.AsyncClientStreamingCall(RawIngest.Method, null, default);
            await call.RequestStream.WriteAsync(message, CancellationToken.None).ConfigureAwait(false);
            await call.RequestStream.CompleteAsync().ConfigureAwait(false);
            var response = await call.ResponseAsync.ConfigureAwait(false);
            Latencies.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            Acknowledged += (long)response.TicksReceived;
            await timer.WaitForNextTickAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }
}
