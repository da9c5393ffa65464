using CsCheck;
using Tikr.Core.Ticks;
using Tikr.Gateway.Ingest.Lanes;
using Tikr.Storage;

namespace Tikr.Tests.Gateway.Ingest;

public sealed class FlushEncoderTests
{
    // Few and many keys, dense and spread over an hour, equal times included.
    private static readonly Gen<Tick[]> Ticks =
        from keys in Gen.Int[0, 3].Select(i => new[] { 1, 3, 40, 300 }[i])
        from span in Gen.Int[0, 3].Select(i => new[] { 0L, 20_000_000L, 1_500_000_000L, 3_600_000_000_000L }[i])
        from ticks in Gen.Select(Gen.Int[0, keys - 1], Gen.Long[0, span], Gen.UInt[0, 3], Gen.Long[0, 1_000_000])
            .Select((key, time, sequence, price) => new Tick($"S{key}", IngestBench.Start - span + time, sequence, price)).Array[1, 700]
        select ticks;

    [Fact]
    public void Every_tick_is_in_exactly_one_block_with_its_rank() => Ticks.Sample(ticks =>
    {
        var (bench, group, commit) = Encode(ticks);
        var read = Decode(bench, commit);
        var expected = new List<(uint, long, uint, long, uint)>();
        for (var run = 0; run < group.Keys; run++)
        {
            for (var i = 0; i < group.CountOf(run); i++)
            {
                var at = group.StartOf(run) + i;
                expected.Add((group.KeyAt(run).KeyId, group.Columns.Times[at],
                    group.Columns.Sequences[at], group.Columns.Fields[0][at], (uint)i));
            }
        }

        Assert.Equal(ticks.Length, expected.Count);
        Assert.Equal(expected.Order(), read.Order());
    }, iter: 200);

    [Fact]
    public void Blocks_keep_to_their_bounds_and_have_keys_of_their_own() => Ticks.Sample(ticks =>
    {
        var (bench, _, commit) = Encode(ticks);
        foreach (var block in commit.Blocks)
        {
            Assert.InRange(block.Ticks, 1, FlushCommit.MaxBlockTicks);
            var decoded = Read(bench, commit, block, out var columns);
            var times = columns.Times.AsSpan(0, columns.Count).ToArray();
            Assert.Equal(times.Min(), block.MinTime);
            Assert.True(times.Max() - times.Min() <= FlushCommit.MaxBlockSpanNs);
            if (block.Kind == BlockKind.SharedKeys)
                Assert.All(decoded, run => Assert.Equal(block.Group, run.KeyId % FlushCommit.SharedGroups));
        }

        Assert.Equal(commit.Blocks.Count, commit.Blocks.Select(b => b.Ordinal).Distinct().Count());
    }, iter: 200);

    [Fact]
    public void The_manifest_names_every_pair_once() => Ticks.Sample(ticks =>
    {
        var (bench, _, commit) = Encode(ticks);
        var section = Assert.Single(commit.Manifest);
        Assert.Equal(ticks.Select(t => (t.Symbol, bench.Model.BucketOf(t.Time))).Distinct().Count(), section.Pairs.Count);
        Assert.Equal(section.Pairs.Count, section.Pairs.Distinct().Count());
    }, iter: 100);

    private static (IngestBench Bench, FlushGroup Group, FlushCommit Commit) Encode(Tick[] ticks)
    {
        var bench = new IngestBench();
        var group = new FlushGroup(bench.Lane);
        var commit = new FlushCommit { Id = new FlushId(1, 1) };
        var encoder = new FlushEncoder();
        group.Add(bench.Message(new Source(), ticks));
        group.Build(1);
        encoder.Begin();
        encoder.Encode(group, commit);
        return (bench, group, commit);
    }

    private static List<(uint, long, uint, long, uint)> Decode(IngestBench bench, FlushCommit commit)
    {
        var all = new List<(uint, long, uint, long, uint)>();
        foreach (var block in commit.Blocks)
        {
            foreach (var run in Read(bench, commit, block, out var columns))
            {
                for (var i = 0; i < run.Count; i++)
                {
                    var at = run.Start + i;
                    all.Add((run.KeyId, columns.Times[at], columns.Sequences[at], columns.Fields[0][at], run.FirstRank + (uint)i));
                }
            }
        }

        return all;
    }

    private static List<KeyRun> Read(IngestBench bench, FlushCommit commit, EncodedBlock block, out TickColumns columns)
    {
        columns = bench.Model.NewColumns();
        var runs = new List<KeyRun>();
        var reader = new TickBlockReader(bench.Model, bench.Series.Series.Model.FieldIds);
        reader.Read(commit.Bytes.WrittenSpan.Slice(block.Offset, block.Length),
            block.Group, [], long.MinValue, long.MaxValue, columns, runs);
        return runs;
    }
}
