using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Core.Ticks;
using Tikr.Storage;
using Tikr.Tests.Support.Memory;

namespace Tikr.Tests.Properties.Model;

/// <summary>
/// What was committed, and the promises checked against it. Most ticks of a key's few seconds have their own bit in the field that the bar
/// sums, so a bar tells exactly which of them are in it, and one counted twice shows; the others are all alike, so that different ticks
/// give equal bars.
/// </summary>
internal sealed partial class Ledger(MemoryDisk disk)
{
    // Bits are given out per key and stretch of time; no bucket reaches over two of them.
    private const long StretchNs = 4 * TestSeries.Second;
    private const int MaxTicksPerStretch = 60;
    private static readonly uint[] EveryKey = [.. Enumerable.Range(1, 8).Select(key => (uint)key)];
    private readonly Dictionary<(uint Key, long Stretch), int> _made = [];
    private readonly List<LedgerTick> _committed = [];
    private readonly Dictionary<FlushId, List<LedgerTick>> _flushes = [];
    private Series _series = null!;
    private Func<long> _completeFrom = static () => 0;
    private bool _everDedup;
    private Exception? _broken;

    private SeriesModel Model => _series.Model;

    /// <summary>How many ticks are committed.</summary>
    public int Count => _committed.Count;

    /// <summary>A few new ticks about some times: few distinct times and sequences, so that ties are common.</summary>
    public List<TestTick> NewTicks(Step step, int keys, params ReadOnlySpan<long> buckets)
    {
        var random = new Random((step.A * 1_001) + step.B);
        var ticks = new List<TestTick>();
        for (var n = 1 + random.Next(4); n > 0; n--)
        {
            var (key, second) = (1 + (uint)random.Next(keys), buckets[random.Next(buckets.Length)]);
            var at = second + (random.Next(4) == 0 ? TestSeries.Second / 2 : 0);
            var made = _made.GetValueOrDefault((key, at / StretchNs));
            if (made >= MaxTicksPerStretch || at < 0) continue;
            _made[(key, at / StretchNs)] = made + 1;
            ticks.Add(random.Next(4) == 0
                ? new TestTick(key, at, 0, 0, 0, 0)
                : new TestTick(key, at + random.Next(3), (uint)random.Next(2), 1L << made, random.Next(5), random.Next(5)));
        }

        return ticks;
    }

    /// <summary>A start: how the store knows the series, and up to where its ticks are gone.</summary>
    /// <param name="series">The series under its spec of now.</param>
    /// <param name="completeFrom">Asks the store.</param>
    public void Know(Series series, Func<long> completeFrom)
    {
        (_series, _completeFrom) = (series, completeFrom);
        _everDedup |= Model.Spec.Dedup == DedupPolicy.Sequence;
    }

    /// <summary>Reads what a commit holds: from now on its ticks count.</summary>
    public void Committed(FlushCommit commit)
    {
        var ticks = new List<LedgerTick>();
        var reader = new TickBlockReader(Model, Model.FieldIds);
        foreach (var block in commit.Blocks) Read(reader, commit, block, ticks);
        Assert.All(ticks, tick => Assert.True(Model.BucketOf(tick.Tick.Time) >= _completeFrom(), $"{tick} can be in no bar any more."));
        _flushes[commit.Id] = ticks;
        _committed.AddRange(ticks);
    }

    /// <summary>
    /// Runs checks where an exception would only look like a fault of the store: the first that fails is kept for <see cref="Throw"/>.
    /// </summary>
    public void Hold(Action checks)
    {
        try
        {
            checks();
        }
        catch (Exception error)
        {
            _broken ??= error;
            throw;
        }
    }

    /// <summary>Fails if a check has failed.</summary>
    public void Throw()
    {
        if (_broken is { } broken) Assert.Fail(broken.ToString());
    }

    private void Read(TickBlockReader reader, FlushCommit commit, EncodedBlock block, List<LedgerTick> into)
    {
        var (columns, runs) = (Model.NewColumns(), new List<KeyRun>());
        var bytes = commit.Bytes.WrittenSpan.Slice(block.Offset, block.Length).ToArray();
        reader.Read(bytes, block.Group, EveryKey, 0, long.MaxValue, columns, runs);
        foreach (var run in runs)
        {
            for (var i = 0; i < run.Count; i++)
            {
                var at = run.Start + i;
                var position = TickPosition.Of(commit.Id.Epoch, commit.Id.Flush, run.FirstRank + (uint)i);
                var tick = new TestTick(run.KeyId, columns.Times[at], columns.Sequences[at], FieldsAt(columns, at));
                into.Add(new LedgerTick(tick, commit.Id, position));
            }
        }
    }

    private long[] FieldsAt(TickColumns columns, int at) => [.. SpecVariant.Fields
        .Select(name => Model.Fields.ToList().FindIndex(field => field.Name == name))
        .Select(column => column < 0 ? 0 : columns.Fields[column][at])];

    private IEnumerable<LedgerTick> TicksOf(uint keyId, long bucketStart) =>
        _committed.Where(tick => tick.Tick.KeyId == keyId && Model.BucketOf(tick.Tick.Time) == bucketStart);

    private Bar BarOf(IEnumerable<LedgerTick> ticks)
    {
        var columns = Model.Fields.Select(field => Array.IndexOf(SpecVariant.Fields, field.Name)).ToArray();
        return SortedPass.BarOf(Model, ticks.Select(tick => new CommittedTick(
            new TestTick(tick.Tick.KeyId, tick.Tick.Time, tick.Tick.Sequence, [.. columns.Select(column => tick.Tick.Fields[column])]),
            tick.Position)));
    }
}

/// <summary>A committed tick: fields as <see cref="SpecVariant.Fields"/>, 0 where the spec of its commit did not keep one.</summary>
internal sealed record LedgerTick(TestTick Tick, FlushId Flush, TickPosition Position)
{
    public long Bit => Tick.Fields[0];
}
