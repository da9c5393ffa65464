using Tikr.Core.Delivery;
using Tikr.Core.Rollup;

namespace Tikr.Core.Dimensions;

/// <summary>A key that the process knows: one object per series and dimension set while it is in use.</summary>
public class InternedKey(SeriesModel model, DimensionSet dimensions)
{
    /// <summary>The series.</summary>
    public SeriesModel Model { get; } = model;

    /// <summary>The dimension values.</summary>
    public DimensionSet Dimensions { get; } = dimensions;

    /// <summary>The store's number for the key, from 1; 0 until the key table has answered.</summary>
    public uint KeyId { get; private set; }

    /// <summary>Why ticks of this key are rejected (dimension_hash_collision, cardinality_limit); null while they are not.</summary>
    public string? Rejection { get; private set; }

    /// <summary>Whether the key table has answered, with a number or with a refusal.</summary>
    public bool IsResolved => Volatile.Read(ref _resolved);

    /// <summary>
    /// Milliseconds of the interner's monotonic clock at the last use it knows of, brought up to date by each look for idle keys.
    /// </summary>
    public long LastUsedMs { get; set; }

    /// <summary>Further raw orders of the same set in the interner's table. Under the interner's lock.</summary>
    internal int Aliases { get; set; }

    /// <summary>Bytes of the part for keys that it takes. Under the interner's lock.</summary>
    internal long MemoryBytes { get; set; }

    /// <summary>Whether the interner's table holds the key. Under the interner's lock.</summary>
    internal bool IsInterned { get; set; }

    /// <summary>Who took partials of the key last; belongs to the router.</summary>
    public IPartialTarget? Target { get; set; }

    private bool _resolved;

    /// <summary>Records the key table's number.</summary>
    public virtual void Resolve(uint keyId)
    {
        KeyId = keyId;
        Volatile.Write(ref _resolved, true);
    }

    /// <summary>Records that the key table rejected the key.</summary>
    public void Reject(string reason)
    {
        Rejection = reason;
        Volatile.Write(ref _resolved, true);
    }
}
