using System.Diagnostics;
using Tikr.Contracts;

namespace Tikr.LoadGenerator.Sending;

/// <summary>One producer: a thread, a connection and a feed.</summary>
internal sealed class LoadStream(LoadOptions options, Feed feed)
{
    private static readonly TimeSpan LeastSleep = TimeSpan.FromMilliseconds(1);

    public Feed Feed => feed;

    /// <summary>Sends until the time is over or the ticks are sent, and returns the server's answer.</summary>
    public Task<IngestResponse> RunAsync(long ticks, TimeSpan duration, CancellationToken cancellation) =>
        Task.Factory.StartNew(() => Run(ticks, duration, cancellation),
            cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private IngestResponse Run(long ticks, TimeSpan duration, CancellationToken cancellation)
    {
        using IIngestCall call = options.GrpcClient ? new GrpcCall(options.Address) : new Http2Call(options.Address);
        var rate = (double)options.Rate / options.Streams;
        feed.Begin();
        var started = Stopwatch.GetTimestamp();
        for (long sent = 0; ticks > 0 ? sent < ticks : Stopwatch.GetElapsedTime(started) < duration; sent += options.TicksPerMessage)
        {
            cancellation.ThrowIfCancellationRequested();
            if (rate > 0) Pace(call, started, (sent + options.TicksPerMessage) / rate);
            call.Write(feed.Compose());
        }

        return call.Complete();
    }

    private static void Pace(IIngestCall call, long started, double dueSeconds)
    {
        var wait = TimeSpan.FromSeconds(dueSeconds) - Stopwatch.GetElapsedTime(started);
        if (wait < LeastSleep) return;
        call.Flush();
        Thread.Sleep(wait);
    }
}
