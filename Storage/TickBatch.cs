using Tikr.Core.Ticks;

namespace Tikr.Storage;

/// <summary>Ticks of one stored block, decoded. Reused by the reader.</summary>
public sealed class TickBatch
{
    /// <summary>Makes an empty batch.</summary>
    public TickBatch(TickColumns columns) => Columns = columns;

    /// <summary>The flush that brought them.</summary>
    public FlushId Flush { get; set; }

    /// <summary>Columns; only the ranges named by <see cref="Runs"/> are meaningful.</summary>
    public TickColumns Columns { get; }

    /// <summary>Wanted ticks, one run per key, each ordered by (time, sequence, position).</summary>
    public List<KeyRun> Runs { get; } = [];
}

/// <summary>Ticks of one key within a batch.</summary>
/// <param name="KeyId">The key.</param>
/// <param name="Start">Index of its first tick in the columns.</param>
/// <param name="Count">How many.</param>
/// <param name="FirstRank">Rank of the first within its key's run in the flush; the others follow. With the flush it is the durable position.</param>
public readonly record struct KeyRun(uint KeyId, int Start, int Count, uint FirstRank);
