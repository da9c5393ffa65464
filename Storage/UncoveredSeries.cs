using Tikr.Core.Time;

namespace Tikr.Storage;

/// <summary>Series whose ticks no bar covers yet and eviction must keep, by the start of their first such bucket.</summary>
public sealed class UncoveredSeries
{
    private const int Named = 3;
    private readonly List<(string Name, long LeastBucket)> _series;

    /// <summary>Takes them in any order.</summary>
    public UncoveredSeries(IEnumerable<(string Name, long LeastBucket)> series) => _series = [.. series.OrderBy(one => one.LeastBucket)];

    /// <summary>Start of the first bucket of all; null without any.</summary>
    public long? LeastBucket => _series.Count > 0 ? _series[0].LeastBucket : null;

    /// <summary>Why ingest has to wait, when only their ticks are left to evict.</summary>
    /// <param name="bytes">What ticks take.</param>
    /// <param name="limit">What they may take.</param>
    public string Blocking(long bytes, long limit) =>
        $"Raw ticks take {bytes} bytes, storage.ticks.max_size_gb allows {limit}, and only ticks that no bar covers yet are left to evict"
        + $"{Names()}. Ingest resumes when their bars are stored; if this lasts, look in the log for why they are not, or raise "
        + "storage.ticks.max_size_gb.";

    private string Names()
    {
        if (_series.Count == 0) return "";
        var first = _series.Take(Named).Select(one => $"'{one.Name}' (from {UnixTime.ToTime(one.LeastBucket):u} on)");
        var more = _series.Count > Named ? $" and {_series.Count - Named} more" : "";
        return $", of series {string.Join(", ", first)}{more}";
    }
}
