using Tikr.Core.Delivery;
using Tikr.Core.Rollup;
using Tikr.Gateway.Ingest;
using Tikr.Gateway.Ingest.Lanes;

namespace Tikr.Tests.Gateway.Ingest;

/// <summary>When past buckets are delivered, decided by what each stream has brought of each key.</summary>
public sealed class PastCellsTests
{
    private const long Second = IngestBench.Second, Millisecond = Second / 1_000, Now = IngestBench.Start, T = Now - (3600 * Second);
    private readonly IngestBench _bench = new();
    private readonly IngestOptions _options = new() { MaxPastBuckets = 8 };
    private readonly PastCells _past;
    private readonly Combiner _combiner;
    private readonly Source _source = new(), _other = new();
    private ulong _flush;

    public PastCellsTests()
    {
        _past = new PastCells(_bench.LaneSet, _options);
        _combiner = new Combiner(epoch: 5, _past);
    }

    private long Passed => T + Second + _bench.Model.Spec.GraceNs;

    [Fact]
    public void A_past_bucket_waits_until_its_stream_has_passed_it_with_ticks_of_the_same_key()
    {
        Fold(Now, _source, new Tick("A", T));
        Fold(Now, _source, new Tick("A", Passed - 1), new Tick("B", Passed));
        Assert.Empty(Collect(Now));

        Fold(Now, _source, new Tick("A", Passed));
        Assert.Equal((T, true, false), Shown(Assert.Single(Collect(Now + Millisecond))));
    }

    [Fact]
    public void Live_ticks_say_nothing_of_a_past_bucket_even_of_the_same_key_and_stream()
    {
        Fold(Now, _source, new Tick("A", T), new Tick("A", Now));

        Assert.Equal(Now, Assert.Single(Collect(Now)).BucketStart);
    }

    [Fact]
    public void A_past_bucket_waits_for_the_slowest_of_the_streams_that_feed_it()
    {
        Fold(Now, _bench.Message(_source, new Tick("A", T)), _bench.Message(_other, new Tick("A", T + 1)));
        Fold(Now, _bench.Message(_source, new Tick("A", Passed)), _bench.Message(_other, new Tick("A", T + 2)));
        Assert.Empty(Collect(Now));

        Fold(Now, _other, new Tick("A", Passed + 1));
        Assert.Equal(T, Assert.Single(Collect(Now + Millisecond)).BucketStart);
    }

    [Fact]
    public void A_past_bucket_waits_for_a_stream_that_is_at_earlier_buckets_of_the_key()
    {
        var earlier = _bench.Message(_other, new Tick("A", T - (9 * Second)));
        Fold(Now, _bench.Message(_source, new Tick("A", T), new Tick("A", Passed)), earlier);
        Assert.Empty(Collect(Now));

        Fold(Now, _other, new Tick("A", T + 1), new Tick("A", Passed));
        Assert.Equal(2, SeriesModel.TicksIn(Collect(Now + Millisecond).Single(partial => partial.BucketStart == T).State));
    }

    [Fact]
    public void A_stream_that_has_brought_nothing_of_the_key_for_a_second_holds_no_bucket_back()
    {
        Fold(Now, _other, new Tick("A", T - (9 * Second)));
        CollectUntil(Now + Second);
        Fold(Now + Second, _source, new Tick("A", T), new Tick("A", Passed));

        Assert.Equal(T, Assert.Single(Collect(Now + Second + Millisecond)).BucketStart);
    }

    [Fact]
    public void A_past_bucket_closes_after_a_second_without_a_tick_for_it()
    {
        Fold(Now, _source, new Tick("A", T));
        Fold(Now + (500 * Millisecond), _source, new Tick("A", T + 1));
        Collect(Now + (500 * Millisecond));

        Assert.Empty(CollectUntil(Now + (1_500 * Millisecond) - Millisecond));
        Assert.Single(Collect(Now + (1_500 * Millisecond)));
    }

    [Fact]
    public void Silence_is_as_long_as_the_bucket_where_that_is_longer()
    {
        var bench = new IngestBench(IngestBench.Spec() with { RollupNs = 60 * Second, RollupText = "1m" });
        var combiner = new Combiner(epoch: 5, new PastCells(bench.LaneSet, _options));
        combiner.Committed(1);
        combiner.Fold(Group(bench, 1, bench.Message(_source, new Tick("A", T))), 1, IngestBench.At(Now), Now);

        Assert.Empty(CollectUntil(Now + (60 * Second) - Millisecond, combiner));
        Assert.Single(Collect(Now + (60 * Second), combiner));
    }

    [Fact]
    public void Time_in_which_a_stream_was_not_read_is_no_silence()
    {
        Fold(Now, _source, new Tick("A", T));
        _source.Stream.Hold(Now + (200 * Millisecond));
        Assert.Empty(CollectUntil(Now + (5 * Second)));

        _source.Stream.Resume(Now + (5 * Second));
        Assert.Empty(CollectUntil(Now + (5_800 * Millisecond) - Millisecond));
        Assert.Single(Collect(Now + (5_800 * Millisecond)));
    }

    [Fact]
    public void Another_stream_that_is_not_read_does_not_keep_a_bucket_open()
    {
        Fold(Now, _bench.Message(_source, new Tick("A", T)), _bench.Message(_other, new Tick("B", T)));
        _other.Stream.Hold(Now);

        CollectUntil(Now + Second - Millisecond);
        Assert.Equal("A", SymbolOf(Assert.Single(Deliveries(Now + Second))));
    }

    [Fact]
    public void The_end_of_a_stream_is_not_taken_for_the_end_of_the_bucket_since_another_may_go_on_with_it()
    {
        Fold(Now, _source, new Tick("A", T));
        End(_source);
        Assert.Empty(Collect(Now + (500 * Millisecond)));

        Fold(Now + (500 * Millisecond), _other, new Tick("A", T + 1));
        Fold(Now + (600 * Millisecond), _other, new Tick("A", Passed));
        Assert.Equal(2, SeriesModel.TicksIn(Assert.Single(Collect(Now + (600 * Millisecond))).State));
    }

    [Fact]
    public void After_its_streams_have_ended_a_bucket_of_any_length_closes_after_a_second()
    {
        var bench = new IngestBench(IngestBench.Spec() with { RollupNs = 60 * Second, RollupText = "1m" });
        var combiner = new Combiner(epoch: 5, new PastCells(bench.LaneSet, _options));
        combiner.Committed(1);
        combiner.Fold(Group(bench, 1, bench.Message(_source, new Tick("A", T))), 1, IngestBench.At(Now), Now);
        _source.HasEnded = true;

        Assert.Empty(CollectUntil(Now + Second - Millisecond, combiner));
        Assert.Single(Collect(Now + Second, combiner));
    }

    [Fact]
    public void More_streams_than_a_key_has_places_for_can_only_make_its_buckets_close_later()
    {
        for (var i = 0; i < 100; i++) Fold(Now, new Source(), new Tick("A", T + i), new Tick("A", Passed));

        Assert.Empty(CollectUntil(Now + Second - Millisecond));
        Assert.Equal(100, SeriesModel.TicksIn(Collect(Now + Second).Single(partial => partial.BucketStart == T).State));
    }

    [Fact]
    public void Beyond_the_bound_the_buckets_that_had_no_tick_for_the_longest_time_close_early()
    {
        for (var i = 0; i < _options.MaxPastBuckets; i++) Fold(Now + i, _source, new Tick($"K{i}", T));
        Fold(Now + 100, _source, new Tick("K0", T + 1));
        Assert.Empty(Collect(Now + 101));

        Fold(Now + 102, _source, new Tick("K8", T));
        var early = Deliveries(Now + 103);

        Assert.Equal(["K1", "K2", "K3"], early.Select(SymbolOf));
        Assert.All(early, delivery => Assert.True(delivery.Partial is { Close: true, Early: true }));
        Assert.Equal((3, 6), (_past.ClosedEarly, _past.Count));
    }

    [Fact]
    public void What_comes_after_an_early_close_is_told_to_be_our_delay()
    {
        for (var i = 0; i <= _options.MaxPastBuckets; i++) Fold(Now + i, _source, new Tick($"K{i}", T));
        Assert.Contains(Deliveries(Now + 100), delivery => SymbolOf(delivery) == "K0");

        Fold(Now + 101, _source, new Tick("K0", T + 1), new Tick("K0", Passed));

        Assert.True(Collect(Now + Millisecond).Single(partial => partial.BucketStart == T).Early);
    }

    [Fact]
    public void A_late_tick_of_a_bar_that_closed_by_the_clock_revises_it_at_once()
    {
        Fold(Now, _source, new Tick("A", Now));
        var key = Assert.Single(Deliveries(Now)).Key.KeyId;
        _combiner.Covered(_bench.Lane, key, Now, 1);
        var later = Now + (5 * Second);

        Fold(later, _source, new Tick("A", Now + 1));

        Assert.Equal((Now, false, false), Shown(Assert.Single(Collect(later))));
    }

    private static (long Start, bool Close, bool Early) Shown(Partial partial) => (partial.BucketStart, partial.Close, partial.Early);

    private static string SymbolOf(Delivery delivery) => delivery.Key.Dimensions.Values[0];

    private void End(Source source)
    {
        source.HasEnded = true;
        _bench.Lane.Sources.Close(source);
    }

    private void Fold(long nowNs, Source source, params Tick[] ticks) => Fold(nowNs, _bench.Message(source, ticks));

    private void Fold(long nowNs, params QueuedMessage[] messages)
    {
        _combiner.Committed(++_flush);
        _combiner.Fold(Group(_bench, _flush, messages), _flush, IngestBench.At(Now), nowNs);
    }

    private static FlushGroup Group(IngestBench bench, ulong flush, params QueuedMessage[] messages)
    {
        var group = new FlushGroup(bench.Lane);
        foreach (var message in messages) group.Add(message);
        group.Build(flush);
        return group;
    }

    private List<Partial> Collect(long nowNs, Combiner? combiner = null) =>
        Deliveries(nowNs, combiner).ConvertAll(delivery => delivery.Partial);

    private List<Delivery> Deliveries(long nowNs, Combiner? combiner = null)
    {
        var deliveries = new List<Delivery>();
        (combiner ?? _combiner).Collect(deliveries, nowNs, nowNs, onlyDue: false);
        return deliveries;
    }

    // As often as a lane does.
    private List<Partial> CollectUntil(long nowNs, Combiner? combiner = null)
    {
        var collected = new List<Partial>();
        for (var at = Now; at < nowNs; at += 100 * Millisecond) collected.AddRange(Collect(at, combiner));
        collected.AddRange(Collect(nowNs, combiner));
        return collected;
    }
}
