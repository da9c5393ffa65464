using Tikr.Core.Dimensions;
using Tikr.Core.Rollup;

namespace Tikr.Gateway.Ingest;

/// <summary>A key with the flush loop's working state. Everything here belongs to the flush loop alone.</summary>
internal sealed class GatewayKey(SeriesPlan plan, DimensionSet dimensions, ResidentKeys resident) : InternedKey(plan, dimensions)
{
    /// <summary>Place of the key among the keys of the flush whose number is <see cref="SlotStamp"/>.</summary>
    public int Slot;

    /// <summary>Flush that <see cref="Slot"/> belongs to.</summary>
    public ulong SlotStamp;

    /// <summary>First of the key's cells, newest bucket first; a live key has one or two.</summary>
    public Cell? Cells;

    private (long Bucket, ulong LastFlush) _covered, _coveredBefore;

    /// <inheritdoc/>
    public override void Resolve(uint keyId)
    {
        // Before anyone sees the number: the store, which calls this under its lock, must never take the key for unused.
        resident.Add(keyId);
        base.Resolve(keyId);
    }

    /// <summary>The cell of a bucket, or null.</summary>
    public Cell? Find(long bucketStart)
    {
        var cell = Cells;
        while (cell is not null && cell.BucketStart != bucketStart) cell = cell.Next;
        return cell;
    }

    /// <summary>Last flush of a pair whose cell was removed not long ago; 0 if that is not known.</summary>
    public ulong RememberedFlush(long bucketStart) =>
        _covered.Bucket == bucketStart ? _covered.LastFlush : _coveredBefore.Bucket == bucketStart ? _coveredBefore.LastFlush : 0;

    /// <summary>
    /// Takes a cell out of the list. Its last flush is remembered for a while, so that a late tick's partial can say what it follows.
    /// </summary>
    public void Remove(Cell cell)
    {
        if (_covered.Bucket != cell.BucketStart) _coveredBefore = _covered;
        _covered = (cell.BucketStart, cell.LastFlush);
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
