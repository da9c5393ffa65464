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
/// Recovers what sealed incarnations left behind, at start and while running: pairs past their close are recomputed, whatever the reason,
/// by one silo at a time, and their manifests retired. Event times are never compared with what is stored.
/// </summary>
internal sealed class RecoveryService(
    ITickStore ticks,
    IIncarnations incarnations,
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
    private readonly Leftovers _left = new(ticks, directory, logger);
    private readonly SpanCloser _spans = new(ticks, closer);
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;
    private uint _epoch;

    /// <summary>
    /// Told of each incarnation that has been sealed while this silo runs, once all its manifests are read: until then a bucket may lack
    /// flushes that it has not heard of. Called from the sweep.
    /// </summary>
    public event Action<LeftPairs>? Left;

    public async Task<IReadOnlyList<RecoveredPair>> RecoverAsync(uint currentEpoch, CancellationToken cancellation = default)
    {
        _epoch = currentEpoch;
        var failed = await RoundAsync(LiveGatewaySet.None, TimeSpan.Zero, TimeSpan.Zero, cancellation).ConfigureAwait(false);
        if (failed > 0) throw Errors.RecoveryFailed(failed);
        gate?.Open();
        if (_loop.IsCompleted && !_stop.IsCancellationRequested) _loop = Task.Run(SweepAsync, CancellationToken.None);
        rebuilds?.Start();
        return [.. _left.Pairs];
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

    /// <summary>Sweeps at once: somebody has been sealed. A failure is logged; the next sweep tries again.</summary>
    public Task SweepNowAsync() => TrySweepAsync();

    /// <summary>One sweep: closes what has come due since, for which no grain did it.</summary>
    internal Task<int> SweepOnceAsync(CancellationToken cancellation) =>
        RoundAsync(gateways.Now, options.MaxCloseDelay, options.SweepSlack, cancellation);

    public async ValueTask DisposeAsync()
    {
        // Registered as itself and as IRecovery, it is disposed of twice.
        if (_stop.IsCancellationRequested) return;
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
        await _one.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            var all = await incarnations.ListAsync(cancellation).ConfigureAwait(false);
            foreach (var left in await _left.ReadAsync(all, _epoch, cancellation).ConfigureAwait(false)) Left?.Invoke(left);
            var now = Now();
            var clock = new CloseClock(now.MonotonicNs, live, maxDelay.ToNanoseconds());
            return await CloseAsync(
                (model, bucket) => clock.IsDue(now.MonotonicAt(model.DueOf(bucket)) + slack.ToNanoseconds()), cancellation)
                .ConfigureAwait(false);
        }
        finally
        {
            HasOpenPairs = !_left.IsEmpty;
            _one.Release();
        }
    }

    // What another silo is recovering is left to it; when its manifests are retired it is forgotten here.
    private async Task<int> CloseAsync(Func<SeriesModel, long, bool> isDue, CancellationToken cancellation)
    {
        var waiting = _left.WithWork(isDue);
        if (waiting.Count == 0) return 0;
        var lease = await incarnations.TakeForRecoveryAsync(waiting, cancellation).ConfigureAwait(false);
        await using var leaseEnd = lease.ConfigureAwait(false);
        var due = _left.Due(lease.Names, isDue);
        var pairs = await closer.CloseAsync(due, _left.Settle, cancellation).ConfigureAwait(false);
        var (closed, failed, incomplete, manifests) = (due.Count - pairs.Failed, pairs.Failed, pairs.Incomplete, 0);
        foreach (var open in _left.Of(lease.Names))
        {
            var spans = await _spans.CloseAsync(open, directory, isDue, cancellation).ConfigureAwait(false);
            (closed, failed, incomplete) = (closed + spans.Closed, failed + spans.Failed, incomplete + spans.Incomplete);
        }

        var settled = _left.TakeSettled(lease.Names, ref manifests);
        try
        {
            foreach (var below in settled) await ticks.RetireAsync(below.Epoch, below.Flush, cancellation).ConfigureAwait(false);
        }
        catch
        {
            // What is not retired is found again.
            _left.Forget(lease.Names);
            throw;
        }

        if (closed + failed > 0) Log.Recovered(logger, manifests, closed, _left.Pairs.Count() - pairs.Failed, failed);
        if (incomplete > 0) Log.BucketsIncomplete(logger, incomplete);
        return failed;
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
