namespace Tikr.Core.Ticks;

/// <summary>
/// Durable position of a tick: (gateway epoch, flush, rank of the tick within its key's run in that flush). It breaks ties
/// between ticks of one key with equal timestamp and sequence, and is the same for live, recomputed and queried results.
/// </summary>
/// <param name="High">Epoch and the upper half of the flush number.</param>
/// <param name="Low">Lower half of the flush number and the rank.</param>
public readonly record struct TickPosition(ulong High, ulong Low) : IComparable<TickPosition>
{
    /// <summary>Position of the tick with this rank in this flush.</summary>
    public static TickPosition Of(uint epoch, ulong flush, uint rank) =>
        new(((ulong)epoch << 32) | (flush >> 32), (flush << 32) | rank);

    /// <summary>The position this many ranks further.</summary>
    public TickPosition Plus(int ranks) => this with { Low = Low + (uint)ranks };

    /// <inheritdoc/>
    public int CompareTo(TickPosition other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    /// <summary>True if the left position is lower.</summary>
    public static bool operator <(TickPosition left, TickPosition right) => left.CompareTo(right) < 0;

    /// <summary>True if the left position is higher.</summary>
    public static bool operator >(TickPosition left, TickPosition right) => left.CompareTo(right) > 0;

    /// <summary>True if the left position is lower or equal.</summary>
    public static bool operator <=(TickPosition left, TickPosition right) => left.CompareTo(right) <= 0;

    /// <summary>True if the left position is higher or equal.</summary>
    public static bool operator >=(TickPosition left, TickPosition right) => left.CompareTo(right) >= 0;
}
