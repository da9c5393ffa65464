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

    // The fields of ticks that lack one, as SpecVariant.Fields.
    private const ulong LacksExtra = 0b011, LacksValue = 0b101;
    private static readonly uint[] EveryKey = [.. Enumerable.Range(1, 8).Select(key => (uint)key)];
    private readonly Dictionary<(uint Key, long Stretch), int> _made = [];
    private readonly List<LedgerTick> _committed = [];
    private readonly Dictionary<FlushId, List<LedgerTick>> _flushes = [];
    private Series _series = null!;
    private Func<long> _completeFrom = static () => 0;
    private bool _everDedup;
    private Exception? _broken;

    private SeriesModel Model => _series.Model;

    /// <summary>How many ticks were sent, and how many of them accepted: histories that are rejected prove nothing.</summary>
    public (int Sent, int Accepted) Ticks { get; private set; }

    /// <summary>How many ticks are committed.</summary>
    public int Count => _committed.Count;

    /// <summary>The pairs that have ticks since so many were committed, and had none before.</summary>
    public IEnumerable<BucketRef> NewPairsSince(int count)
    {
        var pairs = _committed.ConvertAll(tick => new BucketRef(tick.Tick.KeyId, Model.BucketOf(tick.Tick.Time)));
        return pairs.Skip(count).Distinct().Except(pairs.Take(count)).Where(pair => pair.BucketStart >= _completeFrom());
    }

    /// <summary>Whether the stored bar of a pair holds every tick of it that is committed.</summary>
    public bool IsWhole(BucketRef pair) => disk.BarOf(_series, pair.KeyId, pair.BucketStart) is { } bar
        && BarOf(TicksOf(pair.KeyId, pair.BucketStart)).SameContent(bar);

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
                : new TestTick(key, at + random.Next(3), (uint)random.Next(2), 1L << made, random.Next(5), random.Next(5))
                {
                    Present = random.Next(3) > 0 ? ulong.MaxValue : random.Next(2) > 0 ? LacksExtra : LacksValue,
                });
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
        foreach (var block in commit.Blocks.Where(block => IsOurs(block.SeriesId))) Read(reader, commit, block, ticks);
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
                var (fields, present) = FieldsAt(columns, at);
                var tick = new TestTick(run.KeyId, columns.Times[at], columns.Sequences[at], fields) { Present = present };
                into.Add(new LedgerTick(tick, commit.Id, position));
            }
        }
    }

    private (long[] Fields, ulong Present) FieldsAt(TickColumns columns, int at)
    {
        var (fields, given) = (new long[SpecVariant.Fields.Length], 0UL);
        for (var column = 0; column < Model.Fields.Length; column++)
        {
            if (columns.Present is { } present && (present[at] >> column & 1) == 0) continue;
            var field = Array.IndexOf(SpecVariant.Fields, Model.Fields[column].Name);
            fields[field] = columns.Fields[column][at];
            given |= 1UL << field;
        }

        return (fields, given);
    }

    // Another series lives beside it at times.
    private bool IsOurs(ushort seriesId) => seriesId == _series.Id;

    private IEnumerable<LedgerTick> TicksOf(uint keyId, long bucketStart) =>
        _committed.Where(tick => tick.Tick.KeyId == keyId && Model.BucketOf(tick.Tick.Time) == bucketStart);

    private Bar BarOf(IEnumerable<LedgerTick> ticks)
    {
        var columns = Model.Fields.Select(field => Array.IndexOf(SpecVariant.Fields, field.Name)).ToArray();
        return SortedPass.BarOf(Model, ticks.Select(tick => new CommittedTick(
            new TestTick(tick.Tick.KeyId, tick.Tick.Time, tick.Tick.Sequence, [.. columns.Select(column => tick.Tick.Fields[column])])
            {
                Present = columns.Select((field, column) => (tick.Tick.Present >> field & 1) << column)
                    .Aggregate(0UL, (all, bit) => all | bit),
            },
            tick.Position)));
    }
}

/// <summary>A committed tick: fields as <see cref="SpecVariant.Fields"/>, absent and 0 where its commit does not have one.</summary>
internal sealed record LedgerTick(TestTick Tick, FlushId Flush, TickPosition Position)
{
    public long Bit => Tick.Fields[0];
}
