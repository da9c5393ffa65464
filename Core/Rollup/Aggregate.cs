namespace Tikr.Core.Rollup;

/// <summary>
/// One aggregation. Its state is a few longs inside the state of the bar; <see cref="Add"/> and <see cref="Merge"/> may come in any
/// order and any grouping and give the same result. Instances hold no state and are shared by all keys of a series.
/// </summary>
public abstract class Aggregate
{
    /// <summary>Length of the state; all zeros is the empty state.</summary>
    public abstract int StateLength { get; }

    /// <summary>Adds the ticks of a run.</summary>
    public abstract void Add(Span<long> state, in TickRun run);

    /// <summary>Adds what another state holds.</summary>
    public abstract void Merge(Span<long> state, ReadOnlySpan<long> other);

    /// <summary>The metric's value; false when it is absent from the bar.</summary>
    /// <param name="state">The state.</param>
    /// <param name="value">The value; uint64 as its bit pattern.</param>
    /// <param name="overflowed">True if the exact value does not fit the metric's type.</param>
    public abstract bool TryWrite(ReadOnlySpan<long> state, out long value, out bool overflowed);
}
