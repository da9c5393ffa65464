using Tikr.Core.Rollup;

namespace Tikr.Gateway.Queries;

/// <summary>
/// Puts the open bars of a key between its stored ones. A bucket is answered once: where it has a stored bar too (a late tick is about to
/// revise it, or it closed between the two reads), the stored bar is the answer unless the open one holds more ticks.
/// </summary>
internal sealed class OpenBarMerge
{
    private readonly Queue<Bar> _open;

    /// <summary>Makes a merge.</summary>
    /// <param name="open">Open bars of the key, read before the stored ones so that a bar closing meanwhile is not missed.</param>
    public OpenBarMerge(IEnumerable<Bar> open) => _open = new Queue<Bar>(open.OrderBy(bar => bar.BucketStart));

    /// <summary>Takes the next open bar that comes before a bucket.</summary>
    public bool TryTakeBefore(long bucketStart, out Bar bar)
    {
        if (_open.TryPeek(out bar!) && bar.BucketStart < bucketStart)
        {
            _open.Dequeue();
            return true;
        }

        return false;
    }

    /// <summary>The answer for a bucket that has a stored bar.</summary>
    public (Bar Bar, bool Open) Choose(Bar stored)
    {
        if (!_open.TryPeek(out var open) || open.BucketStart != stored.BucketStart) return (stored, false);
        _open.Dequeue();
        return open.TickCount > stored.TickCount ? (open with { Revision = stored.Revision }, true) : (stored, false);
    }
}
