using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Tikr.Grains.Activations;

/// <summary>The series grains active in this silo, for deliveries without a grain call.</summary>
internal sealed class ActivationRegistry
{
    private readonly ConcurrentDictionary<SeriesKey, SeriesActivation> _active = new();
    private int _openKeys;

    /// <summary>Keys with open buckets.</summary>
    public int OpenKeys => Volatile.Read(ref _openKeys);

    /// <summary>All of them; those that come or go meanwhile may be missed.</summary>
    public IEnumerable<SeriesActivation> All => _active.Select(pair => pair.Value);

    public void Add(SeriesKey key, SeriesActivation activation) => _active[key] = activation;

    /// <summary>Takes an activation out, unless a newer one has taken its place.</summary>
    public void Remove(SeriesKey key, SeriesActivation activation) =>
        _active.TryRemove(new KeyValuePair<SeriesKey, SeriesActivation>(key, activation));

    public bool TryFind(SeriesKey key, [NotNullWhen(true)] out SeriesActivation? activation) => _active.TryGetValue(key, out activation);

    public void OpenKeysChanged(int change) => Interlocked.Add(ref _openKeys, change);
}
