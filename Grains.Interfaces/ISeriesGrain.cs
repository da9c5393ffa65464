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
    Task MergeAsync(uint keyId, Partial[] partials);

    /// <summary>The bars still open whose bucket starts in [fromNs, toNs), as the ticks delivered so far make them.</summary>
    Task<Bar[]> GetOpenBarsAsync(long fromNs, long toNs);
}

/// <summary>
/// What a gateway knows of one bucket of a key: ticks folded into a mergeable state, and exactly which commits they came with. Its receiver
/// takes over what it needs: once it is applied, its sender uses it again.
/// </summary>
[GenerateSerializer, Immutable]
public sealed class Partial
{
    /// <summary>Gateway epoch of the commits.</summary>
    [Id(0)] public uint Epoch { get; set; }

    /// <summary>First flush covered.</summary>
    [Id(1)] public ulong FromFlush { get; set; }

    /// <summary>Last flush covered.</summary>
    [Id(2)] public ulong ToFlush { get; set; }

    /// <summary>
    /// Last flush of this epoch that touched the pair and was delivered before; 0 if this is the first. A gap means that a delivery was
    /// lost.
    /// </summary>
    [Id(3)] public ulong PreviousFlush { get; set; }

    /// <summary>Bucket start, Unix nanoseconds.</summary>
    [Id(4)] public long BucketStart { get; set; }

    /// <summary>
    /// State in the layout of <see cref="SeriesPlan"/>; null when the bucket must be recomputed from stored ticks instead of merged.
    /// </summary>
    [Id(5)] public long[]? State { get; set; }

    /// <summary>True for a past bucket that its streams have left behind: it closes now. Live buckets close by time.</summary>
    [Id(6)] public bool Close { get; set; }

    /// <summary>
    /// True for a live bucket past its due time: with this partial the grain has everything that the gateway received before that time, so
    /// the bar need not wait for the rest of the delivery.
    /// </summary>
    [Id(7)] public bool Final { get; set; }
}

/// <summary>Grain keys of series grains.</summary>
public static class SeriesGrainKey
{
    /// <summary>The grain key of a series' dimension hash.</summary>
    public static string Of(string series, UInt128 hash) => $"{series}/{hash:x32}";

    /// <summary>The series part of a grain key.</summary>
    public static string SeriesOf(string key) => key[..key.LastIndexOf('/')];
}
