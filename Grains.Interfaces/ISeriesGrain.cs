using Tikr.Core.Delivery;
using Tikr.Core.Rollup;

namespace Tikr.Grains;

/// <summary>
/// One key of one series. Grain key: <c>series/hash</c>, the dimension hash as 32 hexadecimal digits (see <see cref="SeriesGrainKey"/>).
/// </summary>
public interface ISeriesGrain : IGrainWithStringKey
{
    /// <summary>
    /// Merges partial bars; returns when they are applied (not when bars are stored). Idempotent by the commits each partial covers.
    /// </summary>
    /// <param name="keyId">Number of the key.</param>
    /// <param name="sentNs">The time by the sender's monotonic clock, to which the due times of the partials refer.</param>
    /// <param name="partials">The partials.</param>
    Task MergeAsync(uint keyId, long sentNs, Partial[] partials);

    /// <summary>The bars still open whose bucket starts in [fromNs, toNs), as the ticks delivered so far make them.</summary>
    Task<Bar[]> GetOpenBarsAsync(long fromNs, long toNs);
}

/// <summary>Grain keys of series grains.</summary>
public static class SeriesGrainKey
{
    /// <summary>The grain key of a series' dimension hash.</summary>
    public static string Of(string series, UInt128 hash) => $"{series}/{hash:x32}";

    /// <summary>The series part of a grain key.</summary>
    public static string SeriesOf(string key) => key[..key.LastIndexOf('/')];
}
