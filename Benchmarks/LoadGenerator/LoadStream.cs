using System.Diagnostics;
using Grpc.Core;
using Grpc.Net.Client;
using Tikr.Contracts;

namespace Tikr.LoadGenerator;

/// <summary>One feed: a connection, its keys, its templates, and what its bars must become.</summary>
internal sealed class LoadStream
{
    private readonly LoadOptions _options;
    private readonly CallInvoker _invoker;
    private readonly MessageTemplate[] _templates;
    private readonly int[] _ticksPerRound;
    private readonly long _timeOffset;
    private long _lastUs;
    private int _next, _round;

    /// <param name="options">The run.</param>
    /// <param name="channel">A connection of its own.</param>
    /// <param name="index">Number of the stream.</param>
    /// <param name="keys">Key numbers it sends.</param>
    public LoadStream(LoadOptions options, GrpcChannel channel, int index, int[] keys)
    {
        _options = options;
        _invoker = channel.CreateCallInvoker();
        var factory = new TemplateFactory(options, keys, options.Seed + index);
        _templates = factory.Build();
        _ticksPerRound = factory.TicksPerRound;
        // Streams that share keys never send equal times, so that the order inside a bar is known here.
        _timeOffset = options.SharedKeys ? index : 0;
        Sent = new SentBars(keys);
    }

    public SentBars Sent { get; }

    public long TicksSent { get; private set; }

    /// <summary>Sends until told to stop or until the ticks are sent, and returns the server's answer.</summary>
    public async Task<IngestResponse> RunAsync(long ticks, TimeSpan duration, CancellationToken cancellation)
    {
        using var call = _invoker.AsyncClientStreamingCall(RawIngest.Method, null, new CallOptions(cancellationToken: cancellation));
        var started = Stopwatch.GetTimestamp();
        var rate = (double)_options.Rate / _options.Streams;
        _lastUs = Math.Max(_lastUs, NowUs());
        for (long sent = 0; ticks > 0 ? sent < ticks : Stopwatch.GetElapsedTime(started) < duration; sent += _options.TicksPerMessage)
        {
            if (rate > 0) await PaceAsync(started, sent / rate, cancellation).ConfigureAwait(false);
            await call.RequestStream.WriteAsync(NextMessage(), cancellation).ConfigureAwait(false);
            TicksSent += _options.TicksPerMessage;
        }

        await call.RequestStream.CompleteAsync().ConfigureAwait(false);
        return await call.ResponseAsync.ConfigureAwait(false);
    }

    private static async Task PaceAsync(long started, double dueSeconds, CancellationToken cancellation)
    {
        var wait = TimeSpan.FromSeconds(dueSeconds) - Stopwatch.GetElapsedTime(started);
        if (wait > TimeSpan.FromMilliseconds(1)) await Task.Delay(wait, cancellation).ConfigureAwait(false);
    }

    // Ticks are spread evenly over the time since the last message, so that times are live and never step back.
    private byte[] NextMessage()
    {
        var template = _templates[_next];
        var bytes = template.Bytes.AsSpan();
        var sinceUs = Math.Max(0, NowUs() - _lastUs);
        var step = (sinceUs << 16) / template.Slots.Length;
        long elapsed = 0, time = 0;
        foreach (ref readonly var slot in template.Slots.AsSpan())
        {
            elapsed += step;
            time = ((_lastUs + (elapsed >> 16)) * 1000) + _timeOffset;
            var sequence = FixedVarint.LeastSequence + (uint)slot.Ordinal + ((uint)_round * (uint)_ticksPerRound[slot.Key]);
            FixedVarint.WriteTime(bytes[slot.TimeAt..], (ulong)time);
            FixedVarint.WriteSequence(bytes[slot.SequenceAt..], Math.Min(sequence, FixedVarint.MostSequence));
            Sent.Add(slot, time);
        }

        _lastUs = time / 1000;
        if (++_next == _templates.Length) (_next, _round) = (0, _round + 1);
        return template.Bytes;
    }

    private static long NowUs() => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
