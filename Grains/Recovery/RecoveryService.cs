using Microsoft.Extensions.Logging;
using Tikr.Core.Delivery;
using Tikr.Core.Rollup;
using Tikr.Core.Time;
using Tikr.Grains.Buckets;
using Tikr.Grains.Rebuilding;
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
    RecoveryGate? gate = null,
    RebuildService? rebuilds = null) : IRecovery, IAsyncDisposable
{
    private readonly Instant _began = Instant.Of(time);
    private readonly OpenPairs _open = new();
    private readonly SpanCloser _spans = new(ticks, closer);
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;
    private uint _epoch;

    public async Task<IReadOnlyList<RecoveredPair>> RecoverAsync(uint currentEpoch, CancellationToken cancellation = default)
    {
        _epoch = currentEpoch;
        var failed = await RoundAsync(LiveGatewaySet.None, TimeSpan.Zero, TimeSpan.Zero, cancellation).ConfigureAwait(false);
        if (failed > 0) throw Errors.RecoveryFailed(failed);
        gate?.Open();
        if (_loop.IsCompleted && !_stop.IsCancellationRequested) _loop = Task.Run(SweepAsync, CancellationToken.None);
        rebuilds?.Start();
        return [.. _open.Pairs];
    }

    public bool HasOpenPairs { get; private set; }

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
    internal Task<int> SweepOnceAsync(CancellationToken cancellation) =>
        RoundAsync(gateways.Now, options.MaxCloseDelay, options.SweepSlack, cancellation);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        _stop.Dispose();
        _one.Dispose();
    }

    // A wall clock that was set back since the start counts as going on: what is open is not held up by it.
    private Instant Now()
    {
        var now = Instant.Of(time);
        return now with { UnixNs = Math.Max(now.UnixNs, _began.UnixNs + (now.MonotonicNs - _began.MonotonicNs)) };
    }

    private async Task<int> RoundAsync(LiveGatewaySet live, TimeSpan maxDelay, TimeSpan slack, CancellationToken cancellation)
    {
        var now = Now();
        var clock = new CloseClock(now.MonotonicNs, live, maxDelay.ToNanoseconds());
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
                if (IsDue(series.Model, pair.BucketStart)) due.Add((series, pair));
            }

            var pairs = await closer.CloseAsync(due, _open.Settle, cancellation).ConfigureAwait(false);
            var spans = await _spans.CloseAsync(_open, directory, IsDue, cancellation).ConfigureAwait(false);
            var (failed, incomplete) = (pairs.Failed + spans.Failed, pairs.Incomplete + spans.Incomplete);
            var closed = due.Count - pairs.Failed + spans.Closed;
            foreach (var below in _open.TakeSettled())
                await ticks.RetireAsync(below.Epoch, below.Flush, cancellation).ConfigureAwait(false);
            if (closed + failed > 0) Log.Recovered(logger, manifests, closed, _open.Pairs.Count - pairs.Failed, failed);
            if (incomplete > 0) Log.BucketsIncomplete(logger, incomplete);
            return failed;
        }
        finally
        {
            HasOpenPairs = !_open.IsEmpty;
            _one.Release();
        }

        bool IsDue(SeriesModel model, long bucket) => clock.IsDue(now.MonotonicAt(model.DueOf(bucket)) + slack.ToNanoseconds());
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
            Log.Origin(logger, error);
            Log.SweepFailed(logger, options.SweepPeriod.TotalSeconds, error.GetBaseException().Message);
        }
    }
}
