using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Tikr.Core.Dimensions;
using Tikr.Core.Rollup;

namespace Tikr.Storage;

/// <summary>
/// Dimensions by key number, for those who are told of bars and ticks by their numbers: publishing, subscriptions, hooks. Asks the key
/// table for many keys at once and remembers what it learns: numbers are never used again and a key's dimensions never change, so nothing
/// here goes stale. Bounded at <see cref="MaxKeys"/> keys of each series, about 170 bytes each with one short value; when a series would
/// exceed that, all its keys are forgotten and looked up again as they are asked for. Safe for concurrent callers.
/// </summary>
/// <param name="store">The key table.</param>
/// <param name="maxKeys">Most keys of a series to remember.</param>
public sealed class DimensionDirectory(IKeyStore store, int maxKeys = DimensionDirectory.MaxKeys)
{
    /// <summary>Most keys of a series that are remembered: 22 MB of short values.</summary>
    public const int MaxKeys = 131_072;

    // A series that is configured no more takes its keys with it.
    private readonly ConditionalWeakTable<Series, ConcurrentDictionary<uint, DimensionSet>> _bySeries = [];

    /// <summary>The dimensions of a key if they are remembered, else null: <see cref="FindAsync"/> looks them up.</summary>
    public DimensionSet? Find(Series series, uint keyId) =>
        _bySeries.TryGetValue(series, out var known) ? known.GetValueOrDefault(keyId) : null;

    /// <summary>The dimensions of keys, in no particular order; keys that are gone from the key table are left out.</summary>
    /// <param name="series">The series.</param>
    /// <param name="keyIds">Numbers of the keys, each once.</param>
    /// <param name="cancellation">Gives up waiting for the store.</param>
    /// <exception cref="StoreUnavailableException">Some are not remembered and the store does not answer.</exception>
    public async ValueTask<IReadOnlyList<StoredKey>> FindAsync(
        Series series, IReadOnlyCollection<uint> keyIds, CancellationToken cancellation)
    {
        var known = _bySeries.GetOrCreateValue(series);
        var found = new List<StoredKey>(keyIds.Count);
        List<uint> unknown = [];
        foreach (var keyId in keyIds)
        {
            if (known.TryGetValue(keyId, out var dimensions)) found.Add(new StoredKey(keyId, dimensions));
            else unknown.Add(keyId);
        }

        if (unknown.Count == 0) return found;
        var read = await store.FindByIdAsync(series, unknown, cancellation).ConfigureAwait(false);
        Remember(known, read);
        found.AddRange(read);
        return found;
    }

    private void Remember(ConcurrentDictionary<uint, DimensionSet> known, IReadOnlyList<StoredKey> keys)
    {
        if (known.Count + keys.Count > maxKeys) known.Clear();
        foreach (var key in keys.Take(maxKeys)) known[key.KeyId] = key.Dimensions;
    }
}
