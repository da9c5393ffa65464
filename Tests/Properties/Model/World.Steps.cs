using Microsoft.Extensions.Logging.Abstractions;
using Tikr.Core.Time;
using Tikr.Grains.Recompute;
using Tikr.Storage;
using Tikr.Tests.Support.Memory;

namespace Tikr.Tests.Properties.Model;

/// <summary>What the steps do.</summary>
internal sealed partial class World
{
    public async Task HappenAsync(Step step)
    {
        switch (step.What)
        {
            case Happening.Receive: await ReceiveAsync(_node, step); break;
            case Happening.Commit: await CommitAsync(step); break;
            case Happening.CommitFailsOnce: await CommitFailsOnceAsync(step); break;
            case Happening.CommitFailsForLong: await CommitFailsForLongAsync(step); break;
            case Happening.CommitThenCrash: await CommitThenCrashAsync(step); break;
            case Happening.StreamEnds: _node.EndStream(step.A); break;
            case Happening.Arrive: Arrive(step.A, elsewhere: false, stays: false); break;
            case Happening.ArriveElsewhere: Arrive(step.A, elsewhere: true, stays: false); break;
            case Happening.ArriveTwice: Arrive(step.A, elsewhere: step.B % 4 == 0, stays: true); break;
            case Happening.Lose: _network.Take(step.A)?.Done(applied: false); break;
            case Happening.Wait: await WaitAsync(TimeSpan.FromMilliseconds(50 + (step.A % 400))); break;
            case Happening.WaitLong: await WaitAsync(TimeSpan.FromMilliseconds(1_000 + (step.A * 3))); break;
            case Happening.ClockSteps: StepClock(step.A); break;
            case Happening.CloseDue: CloseDue(step.A); break;
            case Happening.DoAtStore: await DoAtStoreAsync(step); break;
            case Happening.DoAtStoreWithCommit: await DoAtStoreAsync(step, meanwhile: step); break;
            case Happening.FailAtStore: FailAtStore(step.A); break;
            case Happening.LoseStoreAnswer: await LoseStoreAnswerAsync(step); break;
            case Happening.Answer: Answer(step.A); break;
            case Happening.LoseActivation: LoseActivation(step.A); break;
            case Happening.Expire: await ExpireAsync(step); break;
            case Happening.Crash: await CrashAsync(); break;
            case Happening.Replace: await ReplaceAsync(); break;
            case Happening.ZombieCommit: await ZombieCommitAsync(step); break;
            case Happening.RecoverySweep: await _node.SweepAsync(); break;
        }
    }

    private async Task ReceiveAsync(Node node, Step step)
    {
        var latest = _time.GetUnixNanoseconds() + _model.Spec.MaxFutureNs;
        var ticks = _ledger.NewTicks(step, _origin, Keys, Buckets, node.EarliestNs, latest);
        if (ticks.Count > 0) await node.ReceiveAsync(ticks, stream: step.A, isDrained: step.B % 3 != 0);
    }

    private async Task CommitAsync(Step step)
    {
        await ReceiveAsync(_node, step);
        _node.Lane.Queue.Hurry();
        await _node.StepAsync();
    }

    // The first attempt fails, having done nothing or all; a later one of the same flush succeeds.
    private async Task CommitFailsOnceAsync(Step step)
    {
        FailNextCommits(1, step);
        await CommitAsync(step);
        await WaitAsync(TimeSpan.FromMilliseconds(20));
    }

    // Longer than a commit is tried for: nobody knows then whether the store has the flush.
    private async Task CommitFailsForLongAsync(Step step)
    {
        FailNextCommits(int.MaxValue, step);
        await CommitAsync(step);
        for (var i = 0; i < 12; i++) await WaitAsync(TimeSpan.FromSeconds(1));
        _node.Store.Faults.OnCommit = null;
    }

    private async Task CommitThenCrashAsync(Step step)
    {
        FailNextCommits(step.B % 3 == 0 ? 0 : 1, step);
        await CommitAsync(step);
        await CrashAsync();
    }

    private void FailNextCommits(int count, Step step)
    {
        var faults = _node.Store.Faults;
        faults.OnCommit = _ => count-- > 0 ? (step.B % 2 == 0 ? Fault.AnswerLost : Fault.NotDone) : Fault.None;
    }

    private async Task WaitAsync(TimeSpan span)
    {
        _time.Advance(span);
        await _node.StepAsync();
    }

    // The clock is wrong by so much, either way, or right again.
    private void StepClock(int choice)
    {
        var wrong = TimeSpan.FromMilliseconds(Wrong[choice % Wrong.Length]);
        _time.StepWall(wrong - _wrong);
        _wrong = wrong;
    }

    private void Arrive(int choice, bool elsewhere, bool stays)
    {
        if (_network.Take(choice, stays) is not { } parcel) return;
        ActivationOf(parcel.KeyId, elsewhere).Buckets.Apply(parcel.Partial, Clock);
        parcel.Done(applied: true);
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
        var store = _node.Store;
        if (meanwhile is not null)
        {
            store.Faults.OnRead = _ =>
            {
                store.Faults.OnRead = null;
                CommitAsync(meanwhile).GetAwaiter().GetResult();
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
        if (_activations.Count == 0) return;
        var lost = _activations[choice % _activations.Count];
        _activations.Remove(lost);
        lost.Dead = true;
    }

    // Mostly nothing is expired, or only what no tick can come for any more: histories in which everything is gone prove little.
    private async Task ExpireAsync(Step step)
    {
        if (step.B % 4 != 0) return;
        var depth = step.B % 16 == 0 ? 2 : 7;
        _node.Store.Expire(_series, _origin + (((step.A % Buckets) - depth) * TestSeries.Second));
        _ledger.Know(_series, _node.Store.CompleteFrom(_series));
        await WaitAsync(TimeSpan.FromSeconds(1));
    }

    private async Task CrashAsync()
    {
        _node.Store.Crash();
        await _node.DisposeAsync();
        _network.Clear();
        _activations.Clear();
        _operations.Clear();
        await StartNodeAsync();
    }

    // Another gateway takes over while the old one does not know it yet; grains live on, as in a cluster.
    private async Task ReplaceAsync()
    {
        if (_zombies.Count == 2) return;
        _node.IsZombie = true;
        _zombies.Add(_node);
        await StartNodeAsync();
    }

    private async Task ZombieCommitAsync(Step step)
    {
        if (_zombies.Count == 0) return;
        var zombie = _zombies[step.B % _zombies.Count];
        await ReceiveAsync(zombie, step);
        zombie.Lane.Queue.Hurry();
        await zombie.StepAsync();
    }

    private async Task StartNodeAsync()
    {
        var store = new MemoryStore(_disk, _time);
        store.Faults.OnStored = _ledger.Stored;
        store.Faults.OnRetired = _ledger.Retired;
        store.Faults.OnCommitted = _ledger.Committed;
        _series ??= (await store.OpenAsync([_model], default))[0];
        _ledger.Know(_series, store.CompleteFrom(_series));
        _node = await Node.StartAsync(store, _series, _time, _gateways, _network);
    }
}
