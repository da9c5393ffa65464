using System.Diagnostics;
using System.Runtime.CompilerServices;
using Tikr.Core.Dimensions;
using Tikr.Core.Rollup;
using Tikr.Storage;

namespace Tikr.Gateway.Ingest.Lanes;

/// <summary>A key with the lane's working state. Everything here belongs to the lane alone.</summary>
internal sealed class LaneKey(Series series, DimensionSet dimensions, ResidentKeys resident) : InternedKey(series.Model, dimensions)
{
    /// <summary>The key's run in the flush whose number is <see cref="RunFlush"/>.</summary>
    public int Run;

    /// <summary>Flush that <see cref="Run"/> belongs to.</summary>
    public ulong RunFlush;

    /// <summary>First of the key's cells, newest bucket first; a live key has one or two.</summary>
    public Cell? Cells;

    /// <summary>How far its past cells have come; null when it has none to deliver.</summary>
    public CatchUp? CatchUp;

    private CoveredCell _covered, _coveredBefore;

    /// <summary>The key of a decoded tick: every interner of the gateway makes these.</summary>
    /// <remarks>A cast that is checked costs a look at each tick's key just when its line is not in the cache yet.</remarks>
    public static LaneKey Of(InternedKey key)
    {
        Debug.Assert(key is LaneKey, "The interner was made with another kind of key.");
        return Unsafe.As<LaneKey>(key);
    }

    /// <inheritdoc/>
    public override void Resolve(uint keyId)
    {
        // Before anyone sees the number: the store, which calls this under its lock, must never take the key for unused.
        resident.Add(series.Id, keyId);
        base.Resolve(keyId);
    }

    /// <summary>The cell of a bucket, or null.</summary>
    public Cell? Find(long bucketStart)
    {
        var cell = Cells;
        while (cell is not null && cell.BucketStart != bucketStart) cell = cell.Next;
        return cell;
    }

    /// <summary>The cell of a pair that was removed not long ago; one without a flush if that is not known.</summary>
    public CoveredCell Remembered(long bucketStart) =>
        _covered.BucketStart == bucketStart ? _covered : _coveredBefore.BucketStart == bucketStart ? _coveredBefore : default;

    /// <summary>
    /// Takes a cell out of the list. Its last flush is remembered for a while, so that a late tick's partial can say what it follows.
    /// </summary>
    public void Remove(Cell cell)
    {
        if (_covered.BucketStart != cell.BucketStart) _coveredBefore = _covered;
        _covered = new CoveredCell(cell.BucketStart, cell.LastFlush, cell.IsPast, cell.IsEarly);
        if (ReferenceEquals(Cells, cell))
        {
            Cells = cell.Next;
            return;
        }

        for (var at = Cells; at is not null; at = at.Next)
        {
            if (!ReferenceEquals(at.Next, cell)) continue;
            at.Next = cell.Next;
            return;
        }
    }
}

/// <summary>What a key remembers of a cell that a stored bar covers.</summary>
/// <param name="BucketStart">Its bucket.</param>
/// <param name="LastFlush">Its last flush; 0 for none.</param>
/// <param name="IsPast">Whether it closed by event time.</param>
/// <param name="IsEarly">Whether it was closed before its time.</param>
internal readonly record struct CoveredCell(long BucketStart, ulong LastFlush, bool IsPast, bool IsEarly);
