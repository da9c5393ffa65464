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
    private readonly Network _network = new();
    private readonly LiveGateways _gateways = new();
    private readonly List<ModelActivation> _activations = [];
    private readonly List<Operation> _operations = [];
    private readonly List<Node> _zombies = [];
    private readonly StoreTrouble _trouble = new();
    private readonly Ledger _ledger;
    private readonly long _origin;
    private SpecVariant _spec;
    private Series _series = null!;
    private Node _node = null!;
    private DateTimeOffset _furthest;
    private TimeSpan _wrong;

    private World(DedupPolicy dedup, bool isCluster)
    {
        _isCluster = isCluster;
        _network.OnDeliveredAgain = DeliveredAgain;
        _spec = new SpecVariant(dedup);
        _origin = _time.GetUnixNanoseconds() / TestSeries.Second * TestSeries.Second;
        _ledger = new Ledger(_disk);
        NoteTime();
    }

    public static async Task<World> StartAsync(DedupPolicy dedup, bool isCluster = false)
    {
        var world = new World(dedup, isCluster);
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
                Fields = { FieldsOf(tick).ToDictionary() },
            });
        }

        return request;
    }

    /// <summary>How many ticks were sent, and how many of them accepted.</summary>
    public (int Sent, int Accepted) Ticks => _ledger.Ticks;

    private static IEnumerable<(string, long)> FieldsOf(TestTick tick) =>
        SpecVariant.Fields.Select((name, i) => (name, tick.Fields[i])).Where((_, i) => (tick.Present >> i & 1) != 0);

    private long NowNs => Instant.MonotonicOf(_time);

    private CloseClock Clock => new(NowNs, _gateways.Now, 2 * TestSeries.Second);

    public long CompleteFrom => _node.Store.CompleteFrom(_series);

    public void Begin(Operation operation) => _operations.Add(operation);

    /// <summary>How many ticks had been committed when the live node started.</summary>
    public int CommittedBefore { get; private set; }

    public void Covered(BucketRef pair, uint epoch, ulong throughFlush)
    {
        _ledger.Covered(_series.Id, pair.KeyId, pair.BucketStart, epoch, throughFlush);
        _gateways.Covered(_series.Id, pair.KeyId, pair.BucketStart, epoch, throughFlush);
    }

    /// <summary>
    /// Lets everything under way come to its end, without faults and at the latest time that the clock has shown, and checks what is
    /// stored.
    /// </summary>
    public async Task SettleAsync()
    {
        _trouble.End();
        _node.Store.Faults.OnCommit = null;
        foreach (var node in _zombies.Concat(Living)) node.Drain();
        StepClock(_furthest - _time.GetUtcNow());
        for (var round = 0; round < SettleRounds && !IsQuiet(); round++)
        {
            foreach (var zombie in _zombies) await zombie.StepAsync();
            await WaitAsync(TimeSpan.FromSeconds(6));
            await ComeToEndAsync();
            await _node.SweepAsync();
            ForgetRecovered();
            await _node.RebuildAsync();
            _ledger.Throw();
        }

        Assert.True(IsQuiet(), $"After {SettleRounds} rounds there is left: {Left()}");
        _ledger.CheckStored();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Living) await node.DisposeAsync();
        foreach (var zombie in _zombies) await zombie.DisposeAsync();
    }

    // Everything under way arrives, is done and is answered.
    private async Task ComeToEndAsync()
    {
        for (var turns = 0; !_network.IsEmpty; turns++)
        {
            Assert.True(turns < 10_000, "Partials lead to further ones without an end.");
            Arrive(choice: 0, elsewhere: false, stays: false);
        }

        for (var i = 0; i < _activations.Count; i++) CloseDue(i);
        for (var turns = 0; _operations.Count > 0; turns++)
        {
            Assert.True(turns < 10_000, $"Writes and scans lead to further ones without an end: {_operations[0]}");
            await DoAtStoreAsync(new Step(Happening.DoAtStore, 0, 15));
            Answer(0);
        }
    }

    private bool IsQuiet() => Left().Length == 0;

    // What has still to come to its end.
    private string Left()
    {
        var unretired = _disk.Unretired.Where(manifest => manifest.Sections.Any(section => section.SeriesId == _series.Id)).ToList();
        List<(string What, bool IsLeft)> all =
        [
            ("partials on their way", !_network.IsEmpty),
            ("writes and scans", _operations.Count > 0),
            ($"{Living.Sum(node => node.Lane.Cells)} pairs not covered", Living.Any(node => node.Lane.Cells > 0)),
            ("ticks not committed", _zombies.Concat(Living).Any(node => node.Lane.Queue.Uncommitted > 0)),
            ("a delivery", Living.Any(node => node.Lane.IsDelivering)),
            ($"manifests of {string.Join(", ", unretired.Select(manifest => manifest.Id))}", unretired.Count > 0),
            ("open buckets", _activations.Exists(activation => activation.OpenCount > 0)),
            ($"a rebuild, {_node.Store.RebuildOf(_series)}", !_node.Store.RebuildOf(_series).IsDone),
        ];
        return string.Join("; ", all.Where(one => one.IsLeft).Select(one => one.What));
    }
}
