using System.Collections.Concurrent;

namespace Tikr.Storage;

/// <summary>
/// The keys that this process holds: a store must not drop one of them. Filled by the gateway; a store in a process without one drops no
/// key, since it cannot know. Read and written from any thread.
/// </summary>
public sealed class ResidentKeys
{
    private readonly ConcurrentDictionary<(ushort Series, uint Key), byte> _keys = new();

    /// <summary>The process holds a key. Called before anyone sees the key's number.</summary>
    public void Add(ushort seriesId, uint keyId) => _keys[(seriesId, keyId)] = 0;

    /// <summary>The process has let a key go.</summary>
    public void Remove(ushort seriesId, uint keyId) => _keys.TryRemove((seriesId, keyId), out _);

    /// <summary>Whether the process holds a key.</summary>
    public bool Contains(ushort seriesId, uint keyId) => _keys.ContainsKey((seriesId, keyId));
}
