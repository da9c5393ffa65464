using System.Runtime.InteropServices;
using Tikr.Core.Rollup;
using Tikr.Core.Ticks;
using Tikr.Storage;

namespace Tikr.Grains.Recompute;

/// <summary>Turns the batches of one scan into bar states. Reused from scan to scan.</summary>
internal abstract class TickFold
{
    private readonly Dictionary<BucketRef, int> _slots = [];

    /// <summary>The series of the scan.</summary>
    protected SeriesModel Model { get; private set; } = null!;

    /// <summary>Begins a scan.</summary>
    public virtual void Begin(SeriesModel model, int pairs)
    {
        Model = model;
        _slots.Clear();
        _slots.EnsureCapacity(pairs);
    }

    /// <summary>Names a wanted pair.</summary>
    public void Want(uint keyId, long bucketStart, int place) => _slots[new BucketRef(keyId, bucketStart)] = place;

    /// <summary>Takes a batch.</summary>
    public void Add(TickBatch batch)
    {
        foreach (ref readonly var run in CollectionsMarshal.AsSpan(batch.Runs))
        {
            var times = batch.Columns.Times.AsSpan(run.Start, run.Count);
            for (var i = 0; i < times.Length;)
            {
                var bucket = Model.BucketOf(times[i]);
                var next = EndOf(times, i, Model.EndOf(bucket));
                if (_slots.TryGetValue(new BucketRef(run.KeyId, bucket), out var place))
                {
                    var position = TickPosition.Of(batch.Flush.Epoch, batch.Flush.Flush, run.FirstRank + (uint)i);
                    AddRun(place, batch.Columns, run.Start + i, next - i, position);
                }

                i = next;
            }
        }
    }

    /// <summary>All batches are in.</summary>
    public virtual void End()
    {
    }

    /// <summary>The state of a pair; empty if it has no ticks.</summary>
    public abstract ReadOnlySpan<long> StateOf(int place);

    /// <summary>How many repeats of a pair were left out, in all and from a flush on.</summary>
    public abstract (RepeatCounts All, RepeatCounts New) RepeatsOf(int place, FlushId from);

    /// <summary>Adds ticks of one pair.</summary>
    protected abstract void AddRun(int place, TickColumns columns, int start, int count, TickPosition first);

    // Mostly the whole rest of a run is in one bucket.
    private static int EndOf(ReadOnlySpan<long> times, int from, long bucketEnd)
    {
        if (times[^1] < bucketEnd) return times.Length;
        var (low, high) = (from + 1, times.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (times[middle] < bucketEnd) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
