using System.Diagnostics;
using Grpc.Net.Client;

namespace Tikr.LoadGenerator;

/// <summary>One run: warm-up, measured part, verification.</summary>
internal sealed class LoadRun(LoadOptions options) : IDisposable
{
    private readonly List<GrpcChannel> _channels = [];
    private long _acknowledged, _rejected;

    public void Dispose() => _channels.ForEach(channel => channel.Dispose());

    public async Task<LoadResult> RunAsync(CancellationToken cancellation)
    {
        Validate();
        var streams = Enumerable.Range(0, options.Streams).Select(i => new LoadStream(options, Connect(), i, KeysOf(i))).ToArray();
        if (options.WarmUpSeconds > 0) await SendAsync(streams, 0, TimeSpan.FromSeconds(options.WarmUpSeconds), cancellation).ConfigureAwait(false);

        using var stopProbe = new CancellationTokenSource();
        var probe = new AckProbe(options, Connect(), options.Keys);
        var probing = options.Probe ? Task.Run(() => probe.RunAsync(stopProbe.Token), cancellation) : Task.CompletedTask;
        var before = (Own: ProcessMeter.OwnCpuSeconds(), Server: ProcessMeter.CpuSeconds(options.ServerPid), Ticks: streams.Sum(s => s.TicksSent));
        var started = Stopwatch.GetTimestamp();
        await SendAsync(streams, options.Ticks, TimeSpan.FromSeconds(options.Seconds), cancellation).ConfigureAwait(false);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var after = (Own: ProcessMeter.OwnCpuSeconds(), Server: ProcessMeter.CpuSeconds(options.ServerPid), Ticks: streams.Sum(s => s.TicksSent));
        await stopProbe.CancelAsync().ConfigureAwait(false);
        await probing.ConfigureAwait(false);

        var millions = (after.Ticks - before.Ticks) / 1e6;
        var latencies = probe.Sorted();
        return new LoadResult
        {
            Keys = options.Keys,
            Distribution = (options.Zipf ? "zipf" : "uniform") + (options.SharedKeys ? ", shared" : ""),
            Streams = options.Streams,
            TicksPerMessage = options.TicksPerMessage,
            MeasuredTicks = after.Ticks - before.Ticks,
            Seconds = seconds,
            Sent = after.Ticks + probe.TicksSent,
            Acknowledged = _acknowledged + probe.Acknowledged,
            Rejected = _rejected,
            ClientCpuPerMillion = (after.Own - before.Own) / millions,
            ServerCpuPerMillion = (after.Server - before.Server) / millions,
            ServerPeakMegabytes = ProcessMeter.PeakMegabytes(options.ServerPid),
            AckP50Ms = Quantile(latencies, 0.50),
            AckP99Ms = Quantile(latencies, 0.99),
            Bars = options.Verify ? await VerifyAsync([.. streams.Select(s => s.Sent), probe.Sent], cancellation).ConfigureAwait(false) : null,
        };
    }

    private void Validate()
    {
        if (options.Keys < 1 || options.Keys >= Symbols.Most) throw new ArgumentException($"--keys {options.Keys}: must be 1 to {Symbols.Most - 1}.");
        if (options.Streams < 1 || (options.Streams > options.Keys && !options.SharedKeys))
            throw new ArgumentException($"--streams {options.Streams}: must be 1 to the number of keys ({options.Keys}), or use --shared-keys.");
        if (options.TicksPerMessage < 1) throw new ArgumentException($"--ticks-per-message {options.TicksPerMessage}: must be at least 1.");
    }

    private int[] KeysOf(int stream) =>
        [.. Enumerable.Range(0, options.Keys).Where(key => options.SharedKeys || key % options.Streams == stream)];

    private GrpcChannel Connect()
    {
        var channel = GrpcChannel.ForAddress(options.Address, new GrpcChannelOptions { MaxReceiveMessageSize = null });
        _channels.Add(channel);
        return channel;
    }

    private async Task SendAsync(LoadStream[] streams, long ticks, TimeSpan duration, CancellationToken cancellation)
    {
        var share = ticks == 0 ? 0 : (ticks + streams.Length - 1) / streams.Length;
        var answers = await Task.WhenAll(streams.Select(s => Task.Run(() => s.RunAsync(share, duration, cancellation), cancellation))).ConfigureAwait(false);
        _acknowledged += answers.Sum(answer => (long)answer.TicksReceived);
        _rejected += answers.Sum(answer => (long)answer.TicksRejected);
    }

    private Task<Verification> VerifyAsync(SentBars[] sent, CancellationToken cancellation) =>
        new BarVerifier(new Contracts.Tikr.TikrClient(Connect()), options, new ExpectedRun(sent)).RunAsync(cancellation);

    private static double Quantile(double[] sorted, double quantile) =>
        sorted.Length == 0 ? double.NaN : sorted[Math.Min(sorted.Length - 1, (int)(quantile * sorted.Length))];
}
