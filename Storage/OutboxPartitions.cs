using System.Diagnostics;

namespace Tikr.Storage;

/// <summary>
/// Numbers of outbox partitions. A series has its own, so that what holds up one series holds up no other; its keys are spread over some of
/// them. Their count is part of the number: after a change of it, a key's older entries are in partitions that can be told from new ones.
/// </summary>
public static class OutboxPartitions
{
    /// <summary>Most partitions of a series.</summary>
    public const int MaxCount = 64;

    private const int Late = 1 << 28;

    /// <summary>The partition of a key's bars.</summary>
    public static int OfBars(ushort seriesId, int count, uint keyId) => At(seriesId, count, (int)(keyId % (uint)count));

    /// <summary>The partition of a key's late ticks.</summary>
    public static int OfLate(ushort seriesId, int count, uint keyId) => OfBars(seriesId, count, keyId) | Late;

    /// <summary>Every partition of a series' bars.</summary>
    public static IEnumerable<int> AllOf(ushort seriesId, int count) =>
        Enumerable.Range(0, count).Select(index => At(seriesId, count, index));

    /// <summary>Every partition of a series' late ticks.</summary>
    public static IEnumerable<int> AllLateOf(ushort seriesId, int count) => AllOf(seriesId, count).Select(partition => partition | Late);

    /// <summary>Whether a partition holds late ticks, and not bars.</summary>
    public static bool IsLate(int partition) => (partition & Late) != 0;

    /// <summary>The series of a partition.</summary>
    public static ushort SeriesOf(int partition) => (ushort)(partition >> 12);

    /// <summary>Over how many partitions the series' keys were spread.</summary>
    public static int CountOf(int partition) => (partition >> 6 & (MaxCount - 1)) + 1;

    private static int At(ushort seriesId, int count, int index)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxCount);
        Debug.Assert(index >= 0 && index < count, "The index is below the count");
        return seriesId << 12 | (count - 1) << 6 | index;
    }
}
