using Tikr.Core.Delivery;
using Tikr.Core.Rollup;
using Tikr.Grains.Recovery;
using Tikr.Storage;
using Tikr.Tests.Support.Memory;

namespace Tikr.Tests.Properties;

public sealed class OpenPairsTests
{
    private const long Day = 86_400 * TestSeries.Second;
    private static readonly ManifestSection SectionOfDay = new(1, Day, [new BucketRef(1, 0)]);
    private static readonly Series Series = new(1, TestSeries.Model().WithFieldIds([1, 2]));
    private static readonly SeriesDirectory Known = DirectoryOf(Series);

    [Fact]
    public void Manifests_are_settled_in_order_up_to_the_first_with_an_open_pair()
    {
        var open = new OpenPairs();
        Add(open, 1, 5, (1, 10), (2, 10));
        Add(open, 1, 6, (1, 10));
        Add(open, 1, 7, (3, 10));
        open.Settle(Pair(1, 10));
        Assert.Empty(open.TakeSettled());
        open.Settle(Pair(2, 10));
        Assert.Equal([new FlushId(1, 7)], open.TakeSettled());
        Assert.Equal(1, open.Manifests);
        Assert.Equal([Pair(3, 10)], open.Pairs);
        open.Settle(Pair(3, 10));
        Assert.Equal([new FlushId(1, 8)], open.TakeSettled());
    }

    [Fact]
    public void Pair_that_a_dead_gateway_touches_again_is_open_again()
    {
        var open = new OpenPairs();
        Add(open, 1, 1, (1, 10));
        open.Settle(Pair(1, 10));
        Add(open, 1, 1, (1, 10));
        Assert.Empty(open.Pairs);
        Add(open, 1, 2, (1, 10));
        Assert.Equal([Pair(1, 10)], open.Pairs);
        Assert.Equal([new FlushId(1, 2)], open.TakeSettled());
    }

    [Fact]
    public void Each_epoch_is_settled_by_itself()
    {
        var open = new OpenPairs();
        Add(open, 1, 9, (1, 10));
        Add(open, 2, 3, (2, 10));
        open.Settle(Pair(1, 10));
        open.Settle(Pair(2, 10));
        Assert.Equal([new FlushId(1, 10), new FlushId(2, 4)], open.TakeSettled());
        Assert.Empty(open.TakeSettled());
    }

    [Fact]
    public void Pairs_of_a_missing_series_are_reported_once_and_hold_up_no_other()
    {
        var open = new OpenPairs();
        var missing = new List<ushort>();
        open.Add(new Manifest(new FlushId(1, 1), [Section(1, (1, 10))]), Known, missing.Add);
        open.Add(new Manifest(new FlushId(1, 2), [Section(7, (1, 10))]), Known, missing.Add);
        open.Add(new Manifest(new FlushId(1, 3), [Section(7, (1, 10)), Section(1, (1, 20))]), Known, missing.Add);
        open.Settle(Pair(1, 10));
        open.Settle(Pair(1, 20));
        Assert.Equal([new FlushId(1, 4)], open.TakeSettled());
        Assert.Equal([7], missing);
        Assert.Equal(0, open.Manifests);

        // The store keeps those pairs, and they are found again at every sweep.
        open.Add(new Manifest(new FlushId(1, 2), [Section(7, (1, 10))]), Known, missing.Add);
        open.Add(new Manifest(new FlushId(1, 3), [Section(7, (1, 10))]), Known, missing.Add);
        Assert.Empty(open.TakeSettled());
        Assert.Equal([7], missing);
    }

    [Fact]
    public void Pair_of_a_longer_bucket_is_one_span_however_many_present_buckets_it_overlaps()
    {
        var open = new OpenPairs();
        AddDay(open, flush: 1);
        Assert.Empty(open.Pairs);
        Assert.Equal([(new OpenSpan(1, 1, 0, Day), 0L)], open.Spans);

        open.Settle(new OpenSpan(1, 1, 0, Day), Day / 2);
        Assert.Empty(open.TakeSettled());
        open.Settle(new OpenSpan(1, 1, 0, Day), Day);
        Assert.Equal([new FlushId(1, 2)], open.TakeSettled());
        Assert.True(open.IsEmpty);
    }

    [Fact]
    public void Span_that_a_dead_gateway_touches_again_is_open_from_its_beginning()
    {
        var open = new OpenPairs();
        AddDay(open, flush: 1);
        open.Settle(new OpenSpan(1, 1, 0, Day), Day / 2);
        AddDay(open, flush: 2);
        Assert.Equal([(new OpenSpan(1, 1, 0, Day), 0L)], open.Spans);
        Assert.Empty(open.TakeSettled());
    }

    [Fact]
    public void Span_ends_where_nothing_was_stored_before_the_granularity_changed()
    {
        var open = new OpenPairs();
        var changed = new Series(1, Series.Model) { ProvenFrom = Day / 3 };
        open.Add(new Manifest(new FlushId(1, 1), [SectionOfDay]), DirectoryOf(changed), _ => { });
        Assert.Equal([(new OpenSpan(1, 1, 0, Day / 3), 0L)], open.Spans);
    }

    [Fact]
    public void Pair_of_a_shorter_bucket_is_the_present_pair_around_it()
    {
        var open = new OpenPairs();
        var half = new ManifestSection(1, TestSeries.Second / 2, [new BucketRef(1, TestSeries.Second * 3 / 2)]);
        open.Add(new Manifest(new FlushId(1, 1), [half]), Known, _ => { });
        Assert.Equal([Pair(1, 1)], open.Pairs);
        Assert.Empty(open.Spans);
    }

    private static void AddDay(OpenPairs open, ulong flush) =>
        open.Add(new Manifest(new FlushId(1, flush), [SectionOfDay]), Known, _ => { });

    private static void Add(OpenPairs open, uint epoch, ulong flush, params (uint Key, long Second)[] pairs) =>
        open.Add(new Manifest(new FlushId(epoch, flush), [Section(1, pairs)]), Known, _ => Assert.Fail("no series is missing"));

    private static SeriesDirectory DirectoryOf(Series series)
    {
        var directory = new SeriesDirectory();
        directory.Add(series);
        return directory;
    }

    private static ManifestSection Section(ushort series, params (uint Key, long Second)[] pairs) =>
        new(series, TestSeries.Second, [.. pairs.Select(pair => new BucketRef(pair.Key, pair.Second * TestSeries.Second))]);

    private static RecoveredPair Pair(uint key, long second) => new(1, key, second * TestSeries.Second);
}
