using System.Diagnostics;
using Grpc.Net.Client;

namespace Tikr.LoadGenerator;

/// <summary>One run: warm-up, measured part, verification.</summary>
internal sealed class LoadRun : IDisposable
{
    private static readonly TimeSpan ProbeGetsLonger = TimeSpan.FromSeconds(10);

    private readonly LoadOptions _options;
    private readonly GrpcChannel _channel;
    private readonly ServerMeter _meter;
    private readonly Feeds _feeds;
    private readonly BarVerifier _verifier;
    private readonly VisibleProbe _visible;
    private long _acknowledged, _rejected;

    public LoadRun(LoadOptions options)
    {
        _options = options;
        _channel = GrpcChannel.ForAddress(options.Address, new GrpcChannelOptions { MaxReceiveMessageSize = null });
        _meter = new ServerMeter(options);
        _feeds = new Feeds(options, _channel);
        var client = new Contracts.Tikr.TikrClient(_channel);
        _verifier = new BarVerifier(client, options, options.Keys + 1);
        _visible = new VisibleProbe(client, options);
    }

    public void Dispose()
    {
        _meter.Dispose();
        _channel.Dispose();
    }

    public async Task<LoadResult> RunAsync(CancellationToken cancellation)
    {
        var empty = await _meter.ReadAsync(cancellation).ConfigureAwait(false);
        using var stopAcks = new CancellationTokenSource();
        using var stopVisible = new CancellationTokenSource();
        var probes = _options.Probe
            ? Task.WhenAll(
                Task.Run(() => _feeds.Probe.RunAsync(stopAcks.Token), cancellation),
                    Task.Run(() => _visible.RunAsync(stopVisible.Token), cancellation))
            : Task.CompletedTask;
        if (_options.WarmUpSeconds > 0)
            await SendAsync(0, TimeSpan.FromSeconds(_options.WarmUpSeconds), cancellation).ConfigureAwait(false);

        // The probes warm up as well: what they met until now is not counted.
        (_, _) = (_feeds.Probe.Latencies.Take(), _visible.Latencies.Take());
        var result = await MeasureAsync(empty, stopAcks, stopVisible, probes, cancellation).ConfigureAwait(false);
        if (_options.Between is not null) result = result with { BetweenSeconds = RunBetween(_options.Between) };
        if (!_options.Verify) return result;
        _feeds.FoldUntil(long.MaxValue);
        var rest = await _verifier.RunAsync(_feeds.TakeBelow(long.MaxValue, _options.Shape), cancellation).ConfigureAwait(false);
        return result with { Bars = result.Bars?.Plus(rest) ?? rest };
    }

    private async Task<LoadResult> MeasureAsync(
        ServerReading empty, CancellationTokenSource stopAcks,
            CancellationTokenSource stopVisible, Task probes, CancellationToken cancellation)
    {
        var before = (Own: ProcessMeter.OwnCpuSeconds(), Server: await _meter.ReadAsync(cancellation).ConfigureAwait(false), _feeds.Ticks);
        var windows = _options.WindowSeconds > 0 ? new Windows(_options, _feeds, _verifier, _visible, _meter) : null;
        var following = windows?.RunAsync(stopAcks.Token) ?? Task.CompletedTask;
        var started = Stopwatch.GetTimestamp();
        await SendAsync(_options.Ticks, TimeSpan.FromSeconds(_options.Seconds), cancellation).ConfigureAwait(false);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var after = (Own: ProcessMeter.OwnCpuSeconds(), Server: await _meter.ReadAsync(cancellation).ConfigureAwait(false), _feeds.Ticks);
        await stopAcks.CancelAsync().ConfigureAwait(false);
        _visible.Finish();
        stopVisible.CancelAfter(ProbeGetsLonger);
        await Task.WhenAll(probes, following).ConfigureAwait(false);

        var ticks = after.Ticks - before.Ticks;
        var (acks, delays) = (_feeds.Probe.Latencies.Take(), _visible.Latencies.Take());
        return LoadResult.Of(_options) with
        {
            MeasuredTicks = ticks,
            Seconds = seconds,
            Sent = after.Ticks + (_options.Probe ? _feeds.Probe.Feed.Ticks : 0),
            Acknowledged = _acknowledged + _feeds.Probe.Acknowledged,
            Rejected = _rejected,
            ClientCpuPerMillion = (after.Own - before.Own) / (ticks / 1e6),
            ServerCpuPerMillion = (after.Server.CpuSeconds - before.Server.CpuSeconds) / (ticks / 1e6),
            DatabaseCpuPerMillion = (after.Server.DatabaseCpuSeconds - before.Server.DatabaseCpuSeconds) / (ticks / 1e6),
            AllocatedPerTick = (after.Server.AllocatedBytes - before.Server.AllocatedBytes) / ticks,
            PauseShare = (after.Server.PauseSeconds - before.Server.PauseSeconds) / seconds,
            // Stores that count now and then have not counted yet.
            TickBytesPerTick = after.Server.TickBytes > empty.TickBytes
                ? (after.Server.TickBytes - empty.TickBytes) / after.Ticks : double.NaN,
            FileBytesPerTick = (after.Server.FileBytes - empty.FileBytes) / after.Ticks,
            ServerPeakMegabytes = ProcessMeter.PeakMegabytes(_options.ServerPid),
            AckP50Ms = Latencies.Quantile(acks, 0.50),
            AckP99Ms = Latencies.Quantile(acks, 0.99),
            VisibleP50Ms = Latencies.Quantile(delays, 0.50),
            VisibleP99Ms = Latencies.Quantile(delays, 0.99),
            VisibleMaxMs = Latencies.Quantile(delays, 1),
            Bars = windows?.Bars,
        };
    }

    private async Task SendAsync(long ticks, TimeSpan duration, CancellationToken cancellation)
    {
        var share = ticks == 0 ? 0 : (ticks + _options.Streams - 1) / _options.Streams;
        var answers = await Task.WhenAll(_feeds.Streams.Select(stream => stream.RunAsync(share, duration, cancellation)))
            .ConfigureAwait(false);
        _acknowledged += answers.Sum(answer => (long)answer.TicksReceived);
        _rejected += answers.Sum(answer => (long)answer.TicksRejected);
    }

    private static double RunBetween(string command)
    {
        var started = Stopwatch.GetTimestamp();
        using var shell = Process.Start("/bin/sh", ["-c", command]);
        shell.WaitForExit();
        if (shell.ExitCode != 0) throw new InvalidOperationException($"--between \"{command}\" ended with {shell.ExitCode}.");
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
