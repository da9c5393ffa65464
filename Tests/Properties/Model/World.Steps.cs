using Microsoft.Extensions.Logging.Abstractions;
using Tikr.Grains;
using Tikr.Grains.Recompute;
using Tikr.Storage;
using Tikr.Tests.Support.Memory;

namespace Tikr.Tests.Properties.Model;

/// <summary>What the steps do.</summary>
internal sealed partial class World
{
    private async Task CommitAsync(ModelGateway gateway, Step step, Fault fault, bool diesAfter)
    {
        var ticks = _ledger.NewTicks(step, _origin, Keys, Buckets, earliest: gateway.Store.CompleteFrom(_series));
        if (ticks.Count > 0) await gateway.CommitAsync(ticks, fault, diesAfter, _ledger.Committed);
    }

    private void Deliver(ModelGateway gateway, Func<BucketRef, bool> wanted)
    {
        _network.AddRange(gateway.Collect(wanted, NowNs));
        if (gateway == _gateway) _deliveredThrough = NowNs;
    }

    private void Arrive(Step step, bool elsewhere, bool stays)
    {
        if (!TakeOne(_network, step.A, out var message)) return;
        if (stays) _network.Add(message);
        ActivationOf(message.Pair.KeyId, elsewhere).Buckets.Apply(message.Partial, Clock);
    }

    private ModelActivation ActivationOf(uint keyId, bool elsewhere)
    {
        var alive = _activations.FindAll(activation => activation.KeyId == keyId);
        if (alive.Count > 0 && !elsewhere) return alive[0];
        if (alive.Count > 1) return alive[1];
        _activations.Add(new ModelActivation(this, _series, keyId));
        return _activations[^1];
    }

    private void CloseDue(int choice)
    {
        if (_activations.Count > 0) _activations[choice % _activations.Count].Buckets.CloseDue(Clock);
    }

    // The first up to 16 operations not done yet, recomputes as one batch; meanwhile, between what a scan claims and what it reads, a
    // commit.
    private async Task DoAtStoreAsync(Step step, Step? meanwhile = null)
    {
        var chosen = _operations.Where(operation => !operation.IsDone).Skip(step.A % 4).Take(1 + (step.B % 16)).ToList();
        var scans = chosen.Where(operation => operation.Scan is not null).Select(operation => (RecomputeItem)operation.Scan!).ToList();
        var store = _process.Store;
        if (meanwhile is not null)
        {
            store.Faults.OnRead = _ =>
            {
                store.Faults.OnRead = null;
                CommitAsync(_gateway, meanwhile, Fault.None, diesAfter: false).GetAwaiter().GetResult();
            };
        }

        await new RecomputeScan(store, store, NullLogger.Instance).RunAsync(scans, default);
        store.Faults.OnRead = null;
        foreach (var operation in chosen)
        {
            if (operation.Write is { } write) operation.Written = (await store.WriteAsync([write], default))[0];
        }
    }

    private void FailAtStore(int choice)
    {
        var open = _operations.FindAll(operation => !operation.IsDone);
        if (open.Count > 0) open[choice % open.Count].Failed = true;
    }

    private async Task LoseStoreAnswerAsync(Step step)
    {
        await DoAtStoreAsync(step);
        foreach (var operation in _operations)
        {
            if (operation.IsDone && step.B % 3 != 0) operation.Failed = true;
        }
    }

    private void Answer(int choice)
    {
        var done = _operations.FindAll(operation => operation.IsDone);
        if (done.Count == 0) return;
        var operation = done[choice % done.Count];
        _operations.Remove(operation);
        operation.Answer(NowNs);
    }

    private void LoseActivation(int choice)
    {
        if (TakeOne(_activations, choice, out var activation)) activation.Dead = true;
    }

    private void Expire(Step step)
    {
        // Mostly nothing is expired: histories in which everything is gone prove little.
        if (step.B % 4 != 0) return;
        _process.Store.Expire(_series, _origin + (step.A % Buckets * TestSeries.Second) - (2 * TestSeries.Second));
        _ledger.Know(_series, _process.Store.CompleteFrom(_series));
    }

    private async Task CrashAsync()
    {
        _process.Store.Crash();
        await _process.DisposeAsync();
        _network.Clear();
        _activations.Clear();
        _operations.Clear();
        await StartProcessAsync();
    }

    // Another gateway takes over while the old one does not know it yet; grains live on, as in a cluster.
    private async Task ReplaceAsync()
    {
        if (_zombies.Count < 2) _zombies.Add(_gateway);
        await _process.DisposeAsync();
        await StartProcessAsync();
    }

    private async Task ZombieCommitAsync(Step step)
    {
        if (_zombies.Count > 0) await CommitAsync(_zombies[step.B % _zombies.Count], step, Fault.None, diesAfter: false);
    }

    private void DeliverZombie(int choice)
    {
        if (_zombies.Count > 0) Deliver(_zombies[choice % _zombies.Count], _ => true);
    }

    private Task RecomputeUncoveredAsync() =>
        _process.RecomputeAsync([.. _gateway.Uncovered.Select(pair => new RecoveredPair(_series.SeriesId, pair.KeyId, pair.BucketStart))]);

    private async Task StartProcessAsync()
    {
        var store = new MemoryStore(_disk, _time);
        store.Faults.OnStored = _ledger.Stored;
        store.Faults.OnRetired = _ledger.Retired;
        _series ??= (await store.OpenAsync([_plan], default))[0];
        _ledger.Know(_series, store.CompleteFrom(_series));
        var epoch = await store.AllocateEpochAsync(default);
        _gateway = new ModelGateway(_series, store, epoch);
        _process = new ModelProcess(this, store, _series, _time, epoch, () => _deliveredThrough);
        foreach (var pair in await _process.RecoverAsync()) _gateway.Mark(new BucketRef(pair.KeyId, pair.BucketStart));
    }
}
