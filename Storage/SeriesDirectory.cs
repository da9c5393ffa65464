using System.Diagnostics.CodeAnalysis;
using Tikr.Core.Rollup;

namespace Tikr.Storage;

/// <summary>
/// The series of this process as the store knows them: the one list of them. Whoever holds something per series watches it instead of
/// copying it.
/// </summary>
public sealed class SeriesDirectory
{
    private readonly Lock _writing = new();
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<ISeriesObserver> _observers = [];
    private volatile Snapshot _now = new([]);

    /// <summary>Completes when it has been filled.</summary>
    public Task Opened => _opened.Task;

    /// <summary>Every configured series, in the order of the specs; empty until <see cref="Open"/>.</summary>
    public IReadOnlyList<Series> All => _now.All;

    /// <summary>Publishes the series that <see cref="ISeriesCatalog.OpenAsync"/> gave.</summary>
    public void Open(IReadOnlyList<Series> series)
    {
        ArgumentNullException.ThrowIfNull(series);
        foreach (var one in series) Add(one);
        _opened.TrySetResult();
    }

    /// <summary>A series is configured from now on.</summary>
    /// <exception cref="ArgumentException">There is one of that name or number.</exception>
    public void Add(Series series)
    {
        ArgumentNullException.ThrowIfNull(series);
        lock (_writing)
        {
            _now = new Snapshot([.. _now.All, series]);
            foreach (var observer in _observers) observer.Added(series);
        }
    }

    /// <summary>A series is configured no more; what is stored of it stays.</summary>
    /// <returns>Whether it was.</returns>
    public bool Remove(Series series)
    {
        lock (_writing)
        {
            Series[] left = [.. _now.All.Where(one => one != series)];
            if (left.Length == _now.All.Count) return false;
            _now = new Snapshot(left);
            foreach (var observer in _observers) observer.Removed(series);
            return true;
        }
    }

    /// <summary>Tells an observer of every series there is, then of each that comes or goes, in order and one at a time.</summary>
    public void Watch(ISeriesObserver observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        lock (_writing)
        {
            foreach (var series in _now.All) observer.Added(series);
            _observers.Add(observer);
        }
    }

    /// <summary>The series of a name.</summary>
    public bool TryFind(string name, [NotNullWhen(true)] out Series? series) => _now.ByName.TryGetValue(name, out series);

    /// <summary>The series of the store's number for it.</summary>
    public bool TryFind(ushort seriesId, [NotNullWhen(true)] out Series? series) => _now.ById.TryGetValue(seriesId, out series);

    private sealed class Snapshot(IReadOnlyList<Series> all)
    {
        public IReadOnlyList<Series> All { get; } = all;

        public Dictionary<string, Series> ByName { get; } = all.ToDictionary(one => one.Name, StringComparer.Ordinal);

        public Dictionary<ushort, Series> ById { get; } = all.ToDictionary(one => one.Id);
    }
}

/// <summary>Hears which series are configured. Called one at a time; must not block, and must not change the directory.</summary>
public interface ISeriesObserver
{
    /// <summary>A series is configured from now on.</summary>
    void Added(Series series);

    /// <summary>A series is configured no more.</summary>
    void Removed(Series series);
}
