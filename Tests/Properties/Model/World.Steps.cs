using Microsoft.Extensions.Logging.Abstractions;
using Tikr.Core.Rollup;
using Tikr.Core.Time;
using Tikr.Grains.Recompute;
using Tikr.Storage;
using Tikr.Tests.Support.Memory;

namespace Tikr.Tests.Properties.Model;

/// <summary>What the steps do.</summary>
internal sealed partial class World
{
    /// <summary>Lets it happen. Where the store fails, whoever asked production code for something hears of it, and life goes on.</summary>
    public async Task HappenAsync(Step step)
    {
        try
        {
            await DoAsync(step);
        }
        catch (StoreUnavailableException)
        {
            // A stream that fails, a sweep that comes again.
        }

        _ledger.Throw();
        foreach (var peer in _peers.Where(peer => peer.Store.HasCrashed).ToArray())
            await PeerDiesAsync(new Step(step.What, step.A, _peers.IndexOf(peer)));
        if (_node.Store.HasCrashed) await CrashAsync();
    }

    private async Task DoAsync(Step step)
    {
        switch (step.What)
        {
            case Happening.Receive: await ReceiveAsync(_node, step); break;
            case Happening.Commit: await CommitAsync(step); break;
            case Happening.CommitFailsOnce: await CommitFailsOnceAsync(step); break;
            case Happening.CommitFailsForLong: await CommitFailsForLongAsync(step); break;
            case Happening.CommitsFail: _node.Store.Faults.OnCommit = _ => Fault.NotDone; break;
            case Happening.CommitsWork: _node.Store.Faults.OnCommit = null; break;
            case Happening.CommitThenCrash: await CommitThenCrashAsync(step); break;
            case Happening.CommitShowsLater: await CommitShowsLaterAsync(step); break;
            case Happening.LateCommitShows: _node.Store.ShowDelayed(); break;
            case Happening.StreamEnds: _node.EndStream(step.A); break;
            case Happening.Arrive: Arrive(step.A, elsewhere: false, stays: false); break;
            case Happening.ArriveElsewhere: Arrive(step.A, elsewhere: true, stays: false); break;
            case Happening.ArriveTwice: Arrive(step.A, elsewhere: step.B % 4 == 0, stays: true); break;
            case Happening.Lose: _network.Take(step.A)?.Done(applied: false); break;
            case Happening.Wait: await WaitAsync(TimeSpan.FromMilliseconds(50 + (step.A % 400))); break;
            case Happening.WaitLong: await WaitAsync(TimeSpan.FromMilliseconds(1_000 + (step.A * 3))); break;
            case Happening.ClockSteps: StepClock(TimeSpan.FromMilliseconds(Wrong[step.A % Wrong.Length]) - _wrong); break;
            case Happening.CloseDue: CloseDue(step.A); break;
            case Happening.DoAtStore: await DoAtStoreAsync(step); break;
            case Happening.DoAtStoreWithCommit: await DoAtStoreAsync(step, meanwhile: step); break;
            case Happening.FailAtStore: FailAtStore(step.A); break;
            case Happening.LoseStoreAnswer: await LoseStoreAnswerAsync(step); break;
            case Happening.Answer: Answer(step.A); break;
            case Happening.LoseActivation: LoseActivation(step.A); break;
            case Happening.Expire: await ExpireAsync(step); break;
            case Happening.StoreFails: _trouble.Begin(step); break;
            case Happening.Crash: await CrashAsync(); break;
            case Happening.ChangeSpec: await ChangeSpecAsync(step); break;
            case Happening.GoneAndBack: await GoneAndBackAsync(step); break;
            case Happening.ClockStepsWithOpenBars: await StepClockWithOpenBarsAsync(step); break;
            case Happening.Replace: await ReplaceAsync(); break;
            case Happening.ZombieCommit: await ZombieCommitAsync(step); break;
            case Happening.Rebuild: await _node.RebuildAsync(); break;
            case Happening.RecoverySweep: await _node.SweepAsync(); break;
            case Happening.Join: await JoinAsync(); break;
            case Happening.PeerCommit: await PeerCommitAsync(step); break;
            case Happening.PeerDies: await PeerDiesAsync(step); break;
            case Happening.Divide: Divide(step.A); break;
        }
    }

    private async Task ReceiveAsync(Node node, Step step)
    {
        var about = step.A % 3 == 0 ? _time.GetUnixNanoseconds() / TestSeries.Second * TestSeries.Second : _origin;
        var seconds = Enumerable.Range(-2, Buckets).Select(second => about + (second * TestSeries.Second)).ToArray();
        var ticks = _ledger.NewTicks(step, Keys, seconds);
        if (ticks.Count > 0) await node.ReceiveAsync(ticks, stream: step.A, isDrained: step.B % 3 != 0, _ledger);
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
        await CommitForLongAsync(step);
    }

    private async Task CommitForLongAsync(Step step)
    {
        var faults = _node.Store.Faults;
        try
        {
            await CommitAsync(step);
            for (var i = 0; i < 12; i++) await WaitAsync(TimeSpan.FromSeconds(1));
        }
        finally
        {
            faults.OnCommit = null;
        }
    }

    // As before, but what nobody knows the outcome of shows later, at the latest just before the next commit of its epoch.
    private async Task CommitShowsLaterAsync(Step step)
    {
        _node.Store.Faults.OnCommit = _ => Fault.Delayed;
        await CommitForLongAsync(step);
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
        NoteTime();
        foreach (var node in Living.ToArray()) await node.StepAsync();
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
            if (operation.Write is { } write) await WriteAsync(store, operation, write);
        }
    }

    private async Task WriteAsync(MemoryStore store, Operation operation, BarWrite write)
    {
        try
        {
            var written = (await store.WriteAsync([write], default))[0];
            if (written.Outcome == BarWriteOutcome.Stored) _ledger.StoredFromState(write, operation.CommittedBefore, _besides);
            operation.Written = written;
        }
        catch (StoreUnavailableException)
        {
            operation.Failed = true;
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

    // Mostly nothing is expired, or only what no tick can come for any more: histories in which everything is gone prove little. But while
    // a commit fails, what is deleted behind its back is of interest.
    private async Task ExpireAsync(Step step)
    {
        if (step.B % 4 != 0) return;
        var depth = step.B % 16 == 0 || _node.Lane.Queue.Uncommitted > 0 ? 2 : 7;
        var inside = step.A % 3 * TestSeries.Second / 3;
        try
        {
            _node.Store.Expire(_series, _origin + (((step.A % Buckets) - depth) * TestSeries.Second) + inside);
        }
        finally
        {
            await WaitAsync(TimeSpan.FromSeconds(1));
        }
    }

    private async Task CrashAsync()
    {
        _node.Store.Crash();
        _node.IsZombie = true;
        await _node.DisposeAsync();
        await EndPeersAsync();
        _network.Clear();
        _activations.Clear();
        _operations.Clear();
        await StartNodeAsync();
    }

    // The next start has another spec.
    private async Task ChangeSpecAsync(Step step)
    {
        await EndClusterAsync(isGraceful: step.B % 2 == 0);
        _spec = _spec.Changed(step.A);
        await CrashAsync();
    }

    // After a crash, or after a stop that commits what waits, nobody is left.
    private async Task EndClusterAsync(bool isGraceful)
    {
        if (isGraceful)
        {
            _node.Lane.Stop();
            _node.Lane.Finish(Instant.Of(_time));
        }

        foreach (var zombie in _zombies) await zombie.DisposeAsync();
        _zombies.Clear();
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

    // A start that the store fails is tried again, as whoever watches the process does.
    private async Task StartNodeAsync()
    {
        while (true)
        {
            var store = NewStore();
            try
            {
                var series = (await store.OpenAsync([_isGone ? Other : _spec.ToModel()], default))[0];
                if (!_isGone) Know(store, series);
                CommittedBefore = _ledger.Count;
                _node = await StartAsync(store, series);
                return;
            }
            catch (Exception error) when (error is StoreUnavailableException or InvalidOperationException)
            {
                _ledger.Throw();
                store.Crash();
            }
        }
    }

    private MemoryStore NewStore()
    {
        var store = new MemoryStore(_disk, _time);
        store.Faults.OnStored = (write, before, after) => _ledger.Hold(() => _ledger.Stored(write, before, after));
        store.Faults.OnRetired = manifest => _ledger.Hold(() => _ledger.Retired(manifest));
        store.Faults.OnCommitted = commit => _ledger.Hold(() => _ledger.Committed(commit));
        store.Faults.OnAnyWrite = _ => _trouble.Ask();
        return store;
    }

    private async Task<Node> StartAsync(MemoryStore store, Series series)
    {
        var life = NextLife();
        if (life is not null) await RegisterAsync(store, life);
        var goesOn = life is not null && _node is { IsZombie: false };
        var living = _peers.Select(peer => peer.Lane.Epoch).Concat(goesOn ? [_node.Lane.Epoch] : []);
        return await Node.StartAsync(store, series, life, new NodeWorld(_time, _gateways, _network, _ledger, [.. living], NoteSealed));
    }

    private void Know(MemoryStore store, Series series)
    {
        _series = series;
        _ledger.Know(series, () => store.CompleteFrom(series));
    }
}
