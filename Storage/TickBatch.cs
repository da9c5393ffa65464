using Tikr.Core.Ticks;

namespace Tikr.Storage;

/// <summary>Ticks of one stored block, decoded. Reused by the reader.</summary>
public sealed class TickBatch
{
    /// <summary>Makes an empty batch.</summary>
    public TickBatch(TickColumns columns) => Columns = columns;

    /// <summary>The flush that brought them.</summary>
    public FlushId Flush { get; set; }

    /// <summary>Least event time of the whole stored block, wanted or not. Batches of a single key come ascending by it.</summary>
    public long LeastTime { get; set; }

    /// <summary>Columns; only the ranges named by <see cref="Runs"/> are meaningful.</summary>
    public TickColumns Columns { get; }

    /// <summary>Wanted ticks, one run per key, each ordered by (time, sequence, position).</summary>
    public List<KeyRun> Runs { get; } = [];
}
