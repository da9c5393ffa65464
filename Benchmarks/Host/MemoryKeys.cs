using System.Runtime.CompilerServices;
using Tikr.Core.Dimensions;
using Tikr.Core.Rollup;
using Tikr.Storage;

namespace Tikr.Benchmarks.Host;

/// <summary>The key table in memory.</summary>
internal sealed class MemoryKeys : IKeyStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(ushort Series, DimensionSet Dimensions), StoredKey> _keys = [];

    public ValueTask ResolveAsync(Series series, IReadOnlyList<InternedKey> keys, CancellationToken cancellation)
    {
        lock (_gate)
        {
            foreach (var key in keys)
            {
                if (key.IsResolved) continue;
                if (!_keys.TryGetValue((series.Id, key.Dimensions), out var stored))
                    _keys.Add((series.Id, key.Dimensions), stored = new StoredKey((uint)_keys.Count + 1, key.Dimensions));
                key.Resolve(stored.KeyId);
            }
        }

        return ValueTask.CompletedTask;
    }

    public async IAsyncEnumerable<StoredKey> ListAsync(
        Series series, string?[] match, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        StoredKey[] found;
        lock (_gate)
        {
            found = [.. _keys.Where(pair => pair.Key.Series == series.Id).Select(pair => pair.Value)
                .Where(key => match.Zip(key.Dimensions.Values).All(pair => pair.First is null || pair.First == pair.Second))
                .OrderBy(key => key.Dimensions.Values, Comparer<string[]>.Create((left, right) => left.AsSpan().SequenceCompareTo(right)))];
        }

        foreach (var key in found) yield return key;
    }

    public ValueTask<StoredKey?> FindAsync(Series series, DimensionSet dimensions, CancellationToken cancellation)
    {
        lock (_gate) return ValueTask.FromResult(_keys.GetValueOrDefault((series.Id, dimensions)));
    }

    public ValueTask<IReadOnlyList<StoredKey>> FindByIdAsync(
        Series series, IReadOnlyCollection<uint> keyIds, CancellationToken cancellation)
    {
        lock (_gate)
        {
            return ValueTask.FromResult<IReadOnlyList<StoredKey>>(
                [.. _keys.Where(pair => pair.Key.Series == series.Id && keyIds.Contains(pair.Value.KeyId))
                    .Select(pair => pair.Value)]);
        }
    }
}
