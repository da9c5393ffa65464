using Microsoft.Extensions.Time.Testing;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Core.Time;
using Tikr.Grains;
using Tikr.Grains.Buckets;
using Tikr.Storage;
using Tikr.Tests.Support.Memory;

namespace Tikr.Tests.Properties.Model;

/// <summary>
/// Gateway, network, activations and store of one series, in the model's hands: nothing happens unless a step says so. Decisions are those
/// of the production classes.
/// </summary>
internal sealed partial class World : IAsyncDisposable
{
    private const int Keys = 2, Buckets = 4;
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddSeconds(1_000_001));
    private readonly MemoryDisk _disk = new();
    private readonly SeriesPlan _plan;
    private readonly List<(BucketRef Pair, Partial Partial)> _network = [];
    private readonly List<ModelActivation> _activations = [];
    private readonly List<Operation> _operations = [];
    private readonly List<ModelGateway> _zombies = [];
    private readonly Ledger _ledger;
    private readonly long _origin;
    private SeriesHandle _series = null!;
    private ModelGateway _gateway = null!;
    private ModelProcess _process = null!;
    private long _deliveredThrough;

    private World(DedupPolicy dedup)
    {
        _plan = TestSeries.Plan(dedup: dedup);
        _origin = _plan.BucketOf(_time.GetUnixNanoseconds());
        _ledger = new Ledger(_plan, _disk);
    }

    public static async Task<World> StartAsync(DedupPolicy dedup)
    {
        var world = new World(dedup);
        await world.StartProcessAsync();
        return world;
    }

    private long NowNs => _time.GetUnixNanoseconds();

    public void Begin(Operation operation) => _operations.Add(operation);

    public void Covered(BucketRef pair, uint epoch, ulong throughFlush)
    {
        if (epoch == _gateway.Epoch) _gateway.Covered(pair, throughFlush);
        foreach (var zombie in _zombies)
        {
            if (zombie.Epoch == epoch) zombie.Covered(pair, throughFlush);
        }
    }

    public async Task HappenAsync(Step step)
    {
        switch (step.What)
        {
            case Happening.Commit: await CommitAsync(_gateway, step, Fault.None, diesAfter: false); break;
            case Happening.CommitAnswerLost:
                await CommitAsync(_gateway, step, step.B % 2 == 0 ? Fault.AnswerLost : Fault.NotDone, diesAfter: false); break;
            case Happening.CommitThenCrash:
                await CommitAsync(_gateway, step, (Fault)(step.B % 3), diesAfter: true);
                await CrashAsync();
                break;
            case Happening.Deliver: Deliver(_gateway, pair => step.A % 3 != 0 || pair.KeyId == 1 + (step.B % Keys)); break;
            case Happening.Arrive: Arrive(step, elsewhere: false, stays: false); break;
            case Happening.ArriveElsewhere: Arrive(step, elsewhere: true, stays: false); break;
            case Happening.ArriveTwice: Arrive(step, elsewhere: step.B % 4 == 0, stays: true); break;
            case Happening.Lose: TakeOne(_network, step.A, out _); break;
            case Happening.Wait: _time.Advance(TimeSpan.FromMilliseconds(50 + (step.A % 400))); break;
            case Happening.WaitLong: _time.Advance(TimeSpan.FromMilliseconds(1_000 + (step.A * 3))); break;
            case Happening.CloseDue: CloseDue(step.A); break;
            case Happening.DoAtStore: await DoAtStoreAsync(step); break;
            case Happening.DoAtStoreWithCommit: await DoAtStoreAsync(step, meanwhile: step); break;
            case Happening.FailAtStore: FailAtStore(step.A); break;
            case Happening.LoseStoreAnswer: await LoseStoreAnswerAsync(step); break;
            case Happening.Answer: Answer(step.A); break;
            case Happening.LoseActivation: LoseActivation(step.A); break;
            case Happening.Retire: await _gateway.RetireAsync(); break;
            case Happening.Expire: Expire(step); break;
            case Happening.Crash: await CrashAsync(); break;
            case Happening.Replace: await ReplaceAsync(); break;
            case Happening.ZombieCommit: await ZombieCommitAsync(step); break;
            case Happening.ZombieDeliver: DeliverZombie(step.A); break;
            case Happening.RecoverySweep: await _process.SweepAsync(); break;
            case Happening.RecomputeUncovered: await RecomputeUncoveredAsync(); break;
        }
    }

    /// <summary>Lets everything under way come to its end, without faults, and checks what is stored.</summary>
    public async Task SettleAsync()
    {
        for (var round = 0; round < 60 && !IsQuiet(); round++)
        {
            Deliver(_gateway, _ => true);
            foreach (var zombie in _zombies) Deliver(zombie, _ => true);
            while (_network.Count > 0) Arrive(new Step(Happening.Arrive, 0, 0), elsewhere: false, stays: false);
            _time.Advance(TimeSpan.FromSeconds(6));
            _deliveredThrough = NowNs;
            for (var i = 0; i < _activations.Count; i++) CloseDue(i);
            while (_operations.Count > 0)
            {
                await DoAtStoreAsync(new Step(Happening.DoAtStore, 0, 15));
                Answer(0);
            }

            if (round % 2 == 1) await RecomputeUncoveredAsync();
            await _process.SweepAsync();
            await _gateway.RetireAsync();
        }

        Assert.True(IsQuiet(), $"Not quiet after 60 rounds: uncovered "
            + $"{string.Join(", ", _gateway.Uncovered)}, unretired {string.Join(", ", _disk.Unretired)}");
        _ledger.CheckStored(_series, new MemoryStore(_disk, _time).CompleteFrom(_series));
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private bool IsQuiet() =>
        _network.Count == 0 && _operations.Count == 0 && !_gateway.HasCells
            && _disk.Unretired.Count == 0 && _activations.All(a => a.OpenCount == 0);

    private CloseClock Clock => new(NowNs, _deliveredThrough, _gateway.Epoch, 2 * TestSeries.Second);

    private static bool TakeOne<T>(List<T> list, int choice, out T taken)
    {
        taken = default!;
        if (list.Count == 0) return false;
        taken = list[choice % list.Count];
        list.RemoveAt(choice % list.Count);
        return true;
    }
}
