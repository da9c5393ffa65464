using System.Collections.Concurrent;

namespace Tikr.Gateway.Ingest;

/// <summary>Numbers of a series' keys that this process holds: the store must not prune them.</summary>
internal sealed class ResidentKeys
{
    private readonly ConcurrentDictionary<uint, byte> _keys = new();

    public void Add(uint keyId) => _keys[keyId] = 0;

    public void Remove(uint keyId) => _keys.TryRemove(keyId, out _);

    public bool Contains(uint keyId) => _keys.ContainsKey(keyId);
}
