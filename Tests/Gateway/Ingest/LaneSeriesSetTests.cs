using Tikr.Core.Rollup;
using Tikr.Gateway.Ingest;
using Tikr.Gateway.Ingest.Lanes;

namespace Tikr.Tests.Gateway.Ingest;

public sealed class LaneSeriesSetTests
{
    private readonly IngestBench _bench = new();
    private readonly Combiner _combiner;
    private uint _key;

    public LaneSeriesSetTests() => _combiner = new Combiner(epoch: 1, new PastCells(_bench.LaneSet, new IngestOptions()));

    private LaneSeriesSet Lane => _bench.LaneSet;

    [Fact]
    public void A_series_that_is_added_later_is_taken_in()
    {
        var series = new Series(8, new SeriesModel(IngestBench.Spec() with { Series = "other" }));

        _bench.SeriesSet.Added(series);
        Lane.Follow();

        Assert.Equal(2, Lane.All.Count);
        Assert.Same(series, Lane.Find(8)!.Ingest.Series);
    }

    [Fact]
    public void A_series_that_is_removed_goes_once_nothing_of_it_is_left_to_cover()
    {
        var series = _bench.Lane;
        Fold(series);

        _bench.SeriesSet.Removed(_bench.Series.Series);
        Lane.Follow();
        Assert.Single(Lane.All);

        Cover(series);
        Lane.Follow();
        Assert.Empty(Lane.All);
    }

    [Fact]
    public void A_series_that_comes_back_while_its_ticks_are_uncovered_does_not_hide_them()
    {
        var before = _bench.Lane;
        Fold(before);
        _bench.SeriesSet.Removed(_bench.Series.Series);
        _bench.SeriesSet.Added(_bench.Series.Series);
        Lane.Follow();

        var now = Lane.Find(before.SeriesId)!;

        Assert.NotSame(before, now);
        Assert.Same(before, now.Before);
        Cover(before);
        Lane.Follow();
        Assert.Null(Assert.Single(Lane.All).Before);
    }

    private void Fold(LaneSeries series)
    {
        series.Group.Add(_bench.Message(new Source(), new Tick("A", IngestBench.Start)));
        series.Group.Build(1);
        _combiner.Committed(1);
        _combiner.Fold(series.Group, 1, IngestBench.At(IngestBench.Start), IngestBench.Start);
        _key = series.Group.KeyAt(0).KeyId;
        series.Group.Clear();
    }

    private void Cover(LaneSeries series)
    {
        _combiner.Collect([], IngestBench.Start, IngestBench.Start, onlyDue: false);
        _combiner.Covered(series, _key, IngestBench.Start, throughFlush: 1);
    }
}
