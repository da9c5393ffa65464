using Tikr.Core.Rollup;
using Tikr.Storage;
using Tikr.Tests.Support.Memory;

namespace Tikr.Tests.Storage;

public sealed class SeriesDirectoryTests
{
    private readonly SeriesDirectory _directory = new();

    [Fact]
    public void An_observer_hears_of_what_is_there_and_of_all_that_follows()
    {
        var (first, second) = (Series("one", 1), Series("two", 2));
        _directory.Open([first]);
        var log = new Log();

        _directory.Watch(log);
        _directory.Add(second);
        _directory.Remove(first);

        Assert.Equal(["+one", "+two", "-one"], log.Told);
    }

    [Fact]
    public void A_series_is_found_by_name_and_by_number_until_it_is_removed()
    {
        var series = Series("one", 7);
        _directory.Add(series);
        Assert.True(_directory.TryFind("one", out var byName) && _directory.TryFind(7, out var byId) && byName == series && byId == series);

        Assert.True(_directory.Remove(series));

        Assert.False(_directory.TryFind("one", out _) || _directory.TryFind(7, out _) || _directory.Remove(series));
        Assert.Empty(_directory.All);
    }

    [Fact]
    public void A_series_stays_the_same_when_it_adopts_another_model()
    {
        var series = Series("one", 1);
        _directory.Add(series);
        var model = TestSeries.Model("one", rollupNs: 10 * TestSeries.Second);

        series.Adopt(model);

        Assert.True(_directory.TryFind("one", out var found) && found == series && found.Model == model);
        Assert.Throws<ArgumentException>(() => series.Adopt(TestSeries.Model("two")));
    }

    [Fact]
    public void Two_series_of_one_name_are_an_error_that_changes_nothing()
    {
        _directory.Add(Series("one", 1));

        Assert.Throws<ArgumentException>(() => _directory.Add(Series("one", 2)));

        Assert.Single(_directory.All);
    }

    private static Series Series(string name, ushort id) => new(id, TestSeries.Model(name).WithFieldIds([1, 2]));

    private sealed class Log : ISeriesObserver
    {
        public List<string> Told { get; } = [];

        public void Added(Series series) => Told.Add($"+{series.Name}");

        public void Removed(Series series) => Told.Add($"-{series.Name}");
    }
}
