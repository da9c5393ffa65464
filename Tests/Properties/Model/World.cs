using Tikr.Contracts;
using Tikr.Core.Delivery;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Core.Time;
using Tikr.Grains.Buckets;
using Tikr.Storage;
using Tikr.Tests.Support.Memory;
using Tikr.Tests.Support.Time;

namespace Tikr.Tests.Properties.Model;

/// <summary>
/// Producers, clock, network and disk of one series, in the model's hands: nothing happens unless a step says so. Everything between them,
/// from the decoded message to the stored bar, is production code.
/// </summary>
internal sealed partial class World : IAsyncDisposable
{
    private const int Keys = 2, Buckets = 4, SettleRounds = 60;
    private static readonly int[] Wrong = [0, -300, 300, -3_000, 3_000, 0, -150_000, 150_000, -10_800_000, 10_800_000];
    private readonly SteppingTime _time = new(DateTimeOffset.UnixEpoch.AddSeconds(1_000_001));
    private readonly MemoryDisk _disk = new();
    private readonly SeriesModel _model;
    private readonly Network _network = new();
    private readonly LiveGateways _gateways = new();
    private readonly List<ModelActivation> _activations = [];
    private readonly List<Operation> _operations = [];
    private readonly List<Node> _zombies = [];
    private readonly Ledger _ledger;
    private readonly long _origin;
    private Series _series = null!;
    private Node _node = null!;
    private TimeSpan _wrong;

    private World(DedupPolicy dedup)
    {
        _model = TestSeries.Model(dedup: dedup);
        _origin = _model.BucketOf(_time.GetUnixNanoseconds());
        _ledger = new Ledger(_model, _disk);
    }

    public static async Task<World> StartAsync(DedupPolicy dedup)
    {
        var world = new World(dedup);
        await world.StartNodeAsync();
        return world;
    }

    /// <summary>What a producer sends.</summary>
    public static IngestRequest Request(SeriesModel model, IEnumerable<TestTick> ticks)
    {
        var request = new IngestRequest { Series = model.Name };
        foreach (var tick in ticks)
        {
            request.Ticks.Add(new TickData
            {
                TimestampNs = (ulong)tick.Time,
                Sequence = tick.Sequence,
                Dimensions = { ["symbol"] = $"K{tick.KeyId}" },
                Fields = { ["bit"] = tick.Fields[0], ["value"] = tick.Fields[1] },
            });
        }

        return request;
    }

    private long NowNs => Instant.MonotonicOf(_time);

    private CloseClock Clock => new(NowNs, _gateways.Now, 2 * TestSeries.Second);

    public long CompleteFrom => _node.Store.CompleteFrom(_series);

    public void Begin(Operation operation) => _operations.Add(operation);

    public void Covered(BucketRef pair, uint epoch, ulong throughFlush) =>
        _gateways.Covered(_series.Id, pair.KeyId, pair.BucketStart, epoch, throughFlush);

    /// <summary>Lets everything under way come to its end, without faults, and checks what is stored.</summary>
    public async Task SettleAsync()
    {
        StepClock(0);
        for (var round = 0; round < SettleRounds && !IsQuiet(); round++)
        {
            foreach (var zombie in _zombies) await zombie.StepAsync();
            await WaitAsync(TimeSpan.FromSeconds(6));
            while (!_network.IsEmpty) Arrive(choice: 0, elsewhere: false, stays: false);
            for (var i = 0; i < _activations.Count; i++) CloseDue(i);
            while (_operations.Count > 0)
            {
                await DoAtStoreAsync(new Step(Happening.DoAtStore, 0, 15));
                Answer(0);
            }

            await _node.SweepAsync();
        }

        Assert.True(IsQuiet(), $"Not quiet after {SettleRounds} rounds: {_node.Lane.Cells} pairs not covered, "
            + $"unretired {string.Join(", ", _disk.Unretired)}");
        _ledger.CheckStored(_series, _node.Store.CompleteFrom(_series));
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        foreach (var zombie in _zombies) await zombie.DisposeAsync();
    }

    private bool IsQuiet() =>
        _network.IsEmpty && _operations.Count == 0 && _node.Lane is { Cells: 0, Queue.Uncommitted: 0, IsDelivering: false }
            && _zombies.TrueForAll(zombie => zombie.Lane.Queue.Uncommitted == 0)
            && _disk.Unretired.Count == 0 && _activations.TrueForAll(activation => activation.OpenCount == 0);
}
