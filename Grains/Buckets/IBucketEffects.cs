using Tikr.Core.Rollup;

namespace Tikr.Grains.Buckets;

/// <summary>What a key's buckets ask of the world. Answers come back to <see cref="KeyBuckets"/>, in any order, or never.</summary>
internal interface IBucketEffects
{
    /// <summary>
    /// Whether what is delivered for the bucket proves its bar: no tick of it was stored under another bar definition, none was deleted.
    /// </summary>
    bool IsProven(long bucketStart);

    /// <summary>Compare-and-set the bar; answer with <see cref="KeyBuckets.Written"/> or <see cref="KeyBuckets.Failed"/>.</summary>
    void Write(Bucket bucket, Bar bar, int expectedRevision);

    /// <summary>Fold the stored ticks; answer with <see cref="KeyBuckets.Recomputed"/> or <see cref="KeyBuckets.Failed"/>.</summary>
    void Recompute(Bucket bucket, int expectedRevision, RecomputeCause cause);

    /// <summary>A stored bar covers the bucket through this flush.</summary>
    void Covered(long bucketStart, uint epoch, ulong throughFlush);

    /// <summary>A bucket opened (+1), or is open no more (-1).</summary>
    void OpenChanged(int change);

    /// <summary>Ticks arrived for a bar that was closed: late, or (<paramref name="ourDelay"/>) brought late by us.</summary>
    void Late(long ticks, bool ourDelay);

    /// <summary>A bar was stored or confirmed.</summary>
    void Settled(Bucket bucket, bool stored);

    /// <summary>No bar can be stored any more: the bucket is past its TTL or (<paramref name="incomplete"/>) its ticks are.</summary>
    void GivenUp(Bucket bucket, bool incomplete);
}

/// <summary>Why a bar was recomputed from stored ticks.</summary>
internal enum RecomputeCause : byte
{
    /// <summary>The series drops repeats, or the gateway asked for it.</summary>
    Asked,

    /// <summary>A delivery is missing or came from another epoch.</summary>
    Gap,

    /// <summary>Ticks came after the close.</summary>
    Late,

    /// <summary>Somebody else had written the bar.</summary>
    Conflict,

    /// <summary>Recovery or the sweep.</summary>
    Recovery,

    /// <summary>A reader asked for the open bar.</summary>
    Query,
}
