using Tikr.Core.Rollup;

namespace Tikr.Storage;

/// <summary>Bars that are not closed yet, wherever their keys are active.</summary>
public interface IOpenBars
{
    /// <summary>
    /// The open bars of some keys whose bucket starts in [fromNs, toNs), as the ticks delivered so far make them. A silo that does not
    /// answer in time is not waited for: its keys are answered from stored ticks.
    /// </summary>
    /// <returns>The bars of each key, in the order of the keys, by bucket.</returns>
    Task<Bar[][]> ReadAsync(Series series, IReadOnlyList<StoredKey> keys, long fromNs, long toNs, CancellationToken cancellation);
}
