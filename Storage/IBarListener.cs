using Tikr.Core.Rollup;

namespace Tikr.Storage;

/// <summary>
/// Hears of bars right after they were stored: publishing, live subscriptions. Any number may be registered. Each is called by the loop
/// that writes bars, one group commit after the other, so it must not block. One that throws is counted and logged; the writer and the
/// other listeners go on.
/// </summary>
public interface IBarListener
{
    /// <summary>The bars that a group commit stored, in its order: none whose write was unchanged, a conflict or expired.</summary>
    /// <param name="bars">Valid during the call; at least one.</param>
    void Stored(ReadOnlySpan<StoredBar> bars);

    /// <summary>
    /// A group commit failed and only the store knows whether it was done. Its bars are written again; those that turn out to be stored
    /// already are not told of by <see cref="Stored"/>.
    /// </summary>
    /// <param name="writes">Valid during the call.</param>
    void OutcomeUnknown(IReadOnlyList<BarWrite> writes);
}

/// <summary>A bar that has just been stored.</summary>
/// <param name="Series">The series.</param>
/// <param name="KeyId">The key.</param>
/// <param name="Bar">The bar as it is stored, with its revision.</param>
/// <param name="OutboxPartition">Outbox partition of the entry that was written with it; -1 for none.</param>
/// <param name="OutboxId">Id of that entry; 0 for none.</param>
/// <param name="IsPublished">Whether it is to be published.</param>
public readonly record struct StoredBar(Series Series, uint KeyId, Bar Bar, int OutboxPartition, ulong OutboxId, bool IsPublished)
{
    /// <summary>Picks the writes of a group commit that were stored, in their order; returns how many there are.</summary>
    /// <param name="writes">The writes.</param>
    /// <param name="results">Their outcomes, at the same indexes.</param>
    /// <param name="stored">Takes them; as long as <paramref name="results"/>.</param>
    public static int Pick(IReadOnlyList<BarWrite> writes, ReadOnlySpan<BarWriteResult> results, Span<StoredBar> stored)
    {
        var count = 0;
        for (var i = 0; i < results.Length; i++)
        {
            if (results[i].Outcome != BarWriteOutcome.Stored) continue;
            var write = writes[i];
            stored[count++] = new StoredBar(
                write.Series, write.KeyId, results[i].Current!, write.OutboxPartition, results[i].OutboxId, write.IsPublished);
        }

        return count;
    }
}
