using Tikr.Core.Rollup;
using Tikr.Grains;
using Tikr.Storage;

namespace Tikr.Gateway.Queries;

/// <summary>Where open bars are asked for.</summary>
internal interface IOpenBars
{
    /// <summary>The key's open bars whose bucket starts in [fromNs, toNs).</summary>
    Task<Bar[]> ReadAsync(Series series, StoredKey key, long fromNs, long toNs);
}

/// <summary>Asks the key's grain.</summary>
internal sealed class GrainOpenBars(IGrainFactory grains) : IOpenBars
{
    public Task<Bar[]> ReadAsync(Series series, StoredKey key, long fromNs, long toNs) =>
        grains.GetGrain<ISeriesGrain>(SeriesGrainKey.Of(series.Model.Name, key.Dimensions.Hash)).GetOpenBarsAsync(fromNs, toNs);
}
