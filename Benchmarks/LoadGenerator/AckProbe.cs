using System.Diagnostics;
using Grpc.Core;
using Grpc.Net.Client;

namespace Tikr.LoadGenerator;

/// <summary>Short streams of one tick beside the load, one after the other: how long a producer waits for durability.</summary>
internal sealed class AckProbe(LoadOptions options, GrpcChannel channel, int key)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);
    private readonly CallInvoker _invoker = channel.CreateCallInvoker();
    private readonly List<double> _milliseconds = [];

    public SentBars Sent { get; } = new([key]);

    public long TicksSent { get; private set; }

    public long Acknowledged { get; private set; }

    /// <summary>Latencies measured, ascending.</summary>
    public double[] Sorted() => [.. _milliseconds.Order()];

    public async Task RunAsync(CancellationToken stop)
    {
        var template = new TemplateFactory(options with { TicksPerMessage = 1 }, [key], options.Seed).Build()[0];
        using var timer = new PeriodicTimer(Interval);
        for (uint sequence = FixedVarint.LeastSequence; !stop.IsCancellationRequested; sequence++)
        {
            Patch(template, sequence);
            var started = Stopwatch.GetTimestamp();
            using var call = _invoker.AsyncClientStreamingCall(RawIngest.Method, null, default);
            await call.RequestStream.WriteAsync(template.Bytes, CancellationToken.None).ConfigureAwait(false);
            await call.RequestStream.CompleteAsync().ConfigureAwait(false);
            var response = await call.ResponseAsync.ConfigureAwait(false);
            _milliseconds.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            TicksSent++;
            Acknowledged += (long)response.TicksReceived;
            await timer.WaitForNextTickAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private void Patch(MessageTemplate template, uint sequence)
    {
        var time = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;
        ref readonly var slot = ref template.Slots[0];
        FixedVarint.WriteTime(template.Bytes.AsSpan(slot.TimeAt), (ulong)time);
        FixedVarint.WriteSequence(template.Bytes.AsSpan(slot.SequenceAt), sequence);
        Sent.Add(slot, time);
    }
}
