using Tikr.Core.Delivery;
using Tikr.Core.Rollup;
using Tikr.Gateway.Ingest;
using Tikr.Gateway.Ingest.Lanes;
using Tikr.Storage;

namespace Tikr.Tests.Gateway.Ingest;

public sealed class CombinerTests
{
    private const long T = IngestBench.Start, Second = IngestBench.Second;
    private readonly IngestBench _bench = new();
    private readonly Combiner _combiner;
    private readonly Source _source = new();
    private ulong _flush;

    public CombinerTests() => _combiner = new Combiner(epoch: 5, new PastCells(_bench.LaneSet, new IngestOptions()));

    [Fact]
    public void A_live_bucket_is_delivered_with_the_exact_range_of_its_flushes()
    {
        Fold(T, new Tick("A", T, Price: 10));
        Fold(T, new Tick("A", T + 1, Price: 11));
        var first = Assert.Single(Collect(T + 1));
        Fold(T, new Tick("A", T + 2, Price: 12));
        var second = Assert.Single(Collect(T + 2));

        Assert.Equal((5u, 1ul, 2ul, 0ul), (first.Epoch, first.FromFlush, first.ToFlush, first.PreviousFlush));
        Assert.Equal((5u, 3ul, 3ul, 2ul), (second.Epoch, second.FromFlush, second.ToFlush, second.PreviousFlush));
        Assert.Equal(2, SeriesModel.TicksIn(first.State));
        Assert.False(first.Close || first.Final);
    }

    [Fact]
    public void Nothing_is_delivered_twice()
    {
        Fold(T, new Tick("A", T));
        Assert.Single(Collect(T));
        Assert.Empty(Collect(T + Second));
    }

    [Fact]
    public void Only_due_buckets_are_delivered_when_only_those_are_asked_for()
    {
        Fold(T, new Tick("A", T), new Tick("A", T + Second));

        var due = Assert.Single(Collect(T + Second + _bench.Model.Spec.GraceNs, onlyDue: true));

        Assert.Equal((T, true, false), (due.BucketStart, due.Final, due.Close));
    }

    [Fact]
    public void A_due_bucket_is_final_only_once_everything_received_before_it_was_due_is_in()
    {
        var due = T + Second + _bench.Model.Spec.GraceNs;
        Fold(T, new Tick("A", T));
        Assert.Empty(Collect(due + 1, onlyDue: true, throughNs: due - 1));

        Fold(due + 1, new Tick("A", T + 1));
        var partial = Assert.Single(Collect(due + 2, onlyDue: true, throughNs: due));

        Assert.Equal((2, true), (SeriesModel.TicksIn(partial.State), partial.Final));
    }

    [Fact]
    public void A_bar_that_covers_a_flush_before_it_is_folded_keeps_nothing_from_noting_it()
    {
        Fold(T, new Tick("A", T));

        // Not delivered yet, and covered by a scan that saw flush 2 and 3, whose answers were lost.
        _combiner.Covered(_bench.Lane, KeyOf("A"), T, 3);
        Assert.Equal(2ul, Least());
        Fold(T, new Tick("B", T));
        Assert.Equal(2ul, Least());
    }

    [Fact]
    public void A_covered_pair_is_forgotten_and_lets_its_manifests_go()
    {
        Fold(T, new Tick("A", T), new Tick("B", T));
        Fold(T, new Tick("B", T + 1));
        Collect(T);
        Assert.Equal(1ul, Least());

        _combiner.Covered(_bench.Lane, KeyOf("A"), T, 1);
        Assert.Equal(1ul, Least());
        _combiner.Covered(_bench.Lane, KeyOf("B"), T, 1);
        Assert.Equal(2ul, Least());
        _combiner.Covered(_bench.Lane, KeyOf("B"), T, 2);

        Assert.Equal(3ul, Least());
        Assert.Equal(0, _combiner.Cells);
        Assert.Empty(_bench.Lane.Active);
    }

    // A grain then merges a late tick into the state that it kept. Without that it takes the tick for a gap and scans: right, but dearer.
    [Fact]
    public void A_late_tick_says_which_flush_it_follows_for_the_two_pairs_of_its_key_that_were_covered_last()
    {
        for (var second = 0; second < 3; second++) Fold(T, new Tick("A", T + (second * Second)));
        Collect(T);
        for (var second = 0; second < 3; second++) _combiner.Covered(_bench.Lane, KeyOf("A"), T + (second * Second), 3);
        Assert.Equal(0, _combiner.Cells);

        Fold(T, new Tick("A", T), new Tick("A", T + Second), new Tick("A", T + (2 * Second)));

        Assert.Equal([0ul, 2ul, 3ul], Collect(T).OrderBy(partial => partial.BucketStart).Select(partial => partial.PreviousFlush));
    }

    [Fact]
    public void Coverage_that_comes_while_newer_ticks_wait_does_not_lose_them()
    {
        Fold(T, new Tick("A", T));
        Collect(T);
        Fold(T, new Tick("A", T + 1));

        _combiner.Covered(_bench.Lane, KeyOf("A"), T, 1);

        Assert.Equal(2ul, Least());
        Assert.Equal(2ul, Assert.Single(Collect(T)).FromFlush);
    }

    [Fact]
    public void A_commit_of_unknown_outcome_marks_its_pairs_for_recompute()
    {
        Fold(T, new Tick("A", T));
        var group = Group(_bench.Message(_source, new Tick("A", T + 1)));
        _combiner.Fold(group, ++_flush, IngestBench.At(T), T);
        Assert.True(_combiner.HasUndecided);
        Assert.Empty(Collect(T));

        _combiner.Committed(++_flush);
        var partial = Assert.Single(Collect(T));

        Assert.False(_combiner.HasUndecided);
        Assert.Null(partial.State);
        Assert.Equal(2ul, partial.ToFlush);
    }

    [Fact]
    public void Pairs_left_open_by_an_earlier_epoch_are_recomputed()
    {
        Fold(T, new Tick("A", T));
        _combiner.MarkRecovered(_bench.Series.Series.Id, new BucketRef(KeyOf("A"), T + Second));
        Collect(T);
        Fold(T, new Tick("A", T + Second));

        Assert.Null(Assert.Single(Collect(T)).State);
    }

    [Fact]
    public void Delivered_pairs_without_a_bar_are_found_long_after_their_close()
    {
        Fold(T, new Tick("A", T));
        var found = new List<BucketRef>();
        Combiner.FindUncovered(_bench.Lane, T + (10 * Second), found);
        Assert.Empty(found);

        Collect(T);
        Combiner.FindUncovered(_bench.Lane, T + (10 * Second), found);

        Assert.Equal([new BucketRef(KeyOf("A"), T)], found);
    }

    private void Fold(long nowNs, params Tick[] ticks) => Fold(nowNs, _bench.Message(_source, ticks));

    private void Fold(long nowNs, params QueuedMessage[] messages)
    {
        var group = Group(messages);
        _combiner.Committed(++_flush);
        _combiner.Fold(group, _flush, IngestBench.At(nowNs), nowNs);
    }

    private FlushGroup Group(params QueuedMessage[] messages)
    {
        var group = new FlushGroup(_bench.Lane);
        foreach (var message in messages) group.Add(message);
        group.Build(_flush + 1);
        return group;
    }

    private List<Partial> Collect(long nowNs, bool onlyDue = false, long? throughNs = null)
    {
        var deliveries = new List<Delivery>();
        _combiner.Collect(deliveries, nowNs, throughNs ?? nowNs, onlyDue);
        return deliveries.ConvertAll(d => d.Partial);
    }

    private ulong Least() => _combiner.LeastUncovered(_flush + 1);

    private uint KeyOf(string symbol) => _bench.Message(new Source(), new Tick(symbol, T)).Message!.Keys[0].KeyId;
}
