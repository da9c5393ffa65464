using Tikr.Core.Dimensions;
using Tikr.Core.Ingest;

namespace Tikr.Storage.Timescale.Keys;

/// <summary>One call that resolves keys: what is settled takes effect only when everything is committed.</summary>
internal sealed class KeyResolution
{
    private readonly Dictionary<Guid, List<InternedKey>> _open = [];
    private readonly List<(InternedKey Key, uint Id)> _resolved = [];
    private readonly List<(InternedKey Key, string Reason)> _refused = [];

    public KeyResolution(IReadOnlyList<InternedKey> keys)
    {
        foreach (var key in keys)
        {
            if (key.IsResolved) continue;
            var hash = KeyTable.HashOf(key.Dimensions);
            if (!_open.TryGetValue(hash, out var twins)) _open.Add(hash, twins = []);
            twins.Add(key);
        }
    }

    public bool IsSettled => _open.Count == 0;

    /// <summary>Hashes not settled yet.</summary>
    public Guid[] Open => [.. _open.Keys];

    /// <summary>Settles keys whose hash is in the table.</summary>
    public void Settle(IEnumerable<KeyRow> rows)
    {
        foreach (var row in rows)
        {
            if (_open.Remove(row.Hash, out var twins)) Settle(twins, row.KeyId, row.Values);
        }
    }

    /// <summary>
    /// Numbers the keys that are new, in the order they were given, as many as there is room for, and refuses the others.
    /// </summary>
    public List<(uint Id, DimensionSet Dimensions)> Add(uint next, long room)
    {
        List<(uint, DimensionSet)> added = [];
        foreach (var twins in _open.Values)
        {
            if (added.Count >= room)
            {
                foreach (var key in twins) _refused.Add((key, RejectionReasons.CardinalityLimit));
                continue;
            }

            var dimensions = twins[0].Dimensions;
            Settle(twins, next, dimensions.Values);
            added.Add((next++, dimensions));
        }

        _open.Clear();
        return added;
    }

    /// <summary>Tells the keys.</summary>
    public void Complete()
    {
        foreach (var (key, id) in _resolved) key.Resolve(id);
        foreach (var (key, reason) in _refused) key.Reject(reason);
    }

    private void Settle(List<InternedKey> twins, uint id, string[] values)
    {
        foreach (var key in twins)
        {
            if (key.Dimensions.Values.AsSpan().SequenceEqual(values)) _resolved.Add((key, id));
            else _refused.Add((key, RejectionReasons.DimensionHashCollision));
        }
    }
}
