using Microsoft.Extensions.Logging;
using Tikr.Core.Delivery;
using Tikr.Core.Rollup;
using Tikr.Core.Time;
using Tikr.Grains.Buckets;
using Tikr.Storage;
using Tikr.Storage.Reaping;

namespace Tikr.Grains.Recovery;

/// <summary>
/// Start-up recovery and the sweep over what earlier epochs left behind: pairs past their close are recomputed, whatever the reason;
/// event times are never compared with what is stored.
/// </summary>
internal sealed class RecoveryService(
    ITickStore ticks,
    SeriesDirectory directory,
    PairCloser closer,
    LiveGateways gateways,
    TimeProvider time,
    TikrGrainOptions options,
    ILogger<RecoveryService> logger,
    RecoveryGate? gate = null) : IRecovery, IAsyncDisposable
{
    private readonly OpenPairs _open = new();
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;
    private uint _epoch;

    public async Task<IReadOnlyList<RecoveredPair>> RecoverAsync(uint currentEpoch, CancellationToken cancellation = default)
    {
        _epoch = currentEpoch;
        var failed = await RoundAsync(
            new CloseClock(time.GetUnixNanoseconds(), LiveGatewaySet.None, MaxDelayNs: 0), slackNs: 0, cancellation).ConfigureAwait(false);
        if (failed > 0) throw Errors.RecoveryFailed(failed);
        gate?.Open();
        if (_loop.IsCompleted && !_stop.IsCancellationRequested) _loop = Task.Run(SweepAsync, CancellationToken.None);
        return [.. _open.Pairs];
    }

    public async Task RecomputeAsync(IReadOnlyList<RecoveredPair> pairs, CancellationToken cancellation = default)
    {
        var wanted = new List<(Series, RecoveredPair)>(pairs.Count);
        foreach (var pair in pairs)
        {
            if (directory.TryFind(pair.SeriesId, out var series)) wanted.Add((series, pair));
        }

        await closer.CloseAsync(wanted, settled: null, cancellation).ConfigureAwait(false);
    }

    /// <summary>One sweep: closes what has come due since, for which no grain did it.</summary>
    internal Task<int> SweepOnceAsync(CancellationToken cancellation)
    {
        var clock = new CloseClock(time.GetUnixNanoseconds(), gateways.Now, options.MaxCloseDelay.ToNanoseconds());
        return RoundAsync(clock, options.SweepSlack.ToNanoseconds(), cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        _stop.Dispose();
        _one.Dispose();
    }

    private async Task<int> RoundAsync(CloseClock clock, long slackNs, CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await foreach (var manifest in ticks.ReadManifestsAsync(cancellation).ConfigureAwait(false))
            {
                // Oldest first: from here on they are the live gateway's, which looks after them itself.
                if (manifest.Id.Epoch >= _epoch) break;
                _open.Add(manifest, directory, id => Log.SeriesNotConfigured(logger, id));
            }

            if (_open.Manifests == 0) return 0;
            var manifests = _open.Manifests;
            var due = new List<(Series, RecoveredPair)>();
            foreach (var pair in _open.Pairs)
            {
                if (!directory.TryFind(pair.SeriesId, out var series)) continue;
                if (clock.IsDue(series.Model.DueOf(pair.BucketStart) + slackNs)) due.Add((series, pair));
            }

            var (failed, incomplete) = await closer.CloseAsync(due, _open.Settle, cancellation).ConfigureAwait(false);
            foreach (var below in _open.TakeSettled())
                await ticks.RetireAsync(below.Epoch, below.Flush, cancellation).ConfigureAwait(false);
            if (due.Count > 0) Log.Recovered(logger, manifests, due.Count - failed, _open.Pairs.Count - failed, failed);
            if (incomplete > 0) Log.BucketsIncomplete(logger, incomplete);
            return failed;
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task SweepAsync()
    {
        using var timer = new PeriodicTimer(options.SweepPeriod, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false)) await TrySweepAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private async Task TrySweepAsync()
    {
        try
        {
            await SweepOnceAsync(_stop.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            Log.SweepFailed(logger, options.SweepPeriod.TotalSeconds, error);
        }
    }
}
