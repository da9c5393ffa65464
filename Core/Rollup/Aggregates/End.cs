using Tikr.Core.Ticks;

namespace Tikr.Core.Rollup.Aggregates;

/// <summary>What first and last share: the place of the tick that holds the value.</summary>
internal abstract class End(AggregateInput input) : Aggregate
{
    // State: [0] 1 when set, [1] time, [2] sequence, [3] [4] position, [5] value.
    public sealed override int StateLength => 6;

    public sealed override void Add(Span<long> state, in TickRun run)
    {
        var i = Pick(run);
        if (i < 0) return;
        var position = run.PositionOf(i);
        Offer(state, run.Times[i], run.Sequences[i], position, run.Field(input.Field)[i]);
    }

    public sealed override void Merge(Span<long> state, ReadOnlySpan<long> other)
    {
        if (other[0] != 0) Offer(state, other[1], (uint)other[2], new TickPosition((ulong)other[3], (ulong)other[4]), other[5]);
    }

    public sealed override bool TryWrite(ReadOnlySpan<long> state, out long value, out bool overflowed)
    {
        (value, overflowed) = (state[5], false);
        return state[0] != 0;
    }

    /// <summary>Index of the run's tick to offer; -1 if none has the field.</summary>
    protected abstract int Pick(in TickRun run);

    /// <summary>Whether a tick that compares so with the held one replaces it.</summary>
    protected abstract bool Beats(int order);

    protected bool Has(ulong present) => (present >> input.Field & 1) != 0;

    private void Offer(Span<long> state, long time, uint sequence, TickPosition position, long value)
    {
        if (state[0] != 0 && !Beats(Compare(state, time, sequence, position))) return;
        state[0] = 1;
        state[1] = time;
        state[2] = sequence;
        state[3] = (long)position.High;
        state[4] = (long)position.Low;
        state[5] = value;
    }

    private static int Compare(ReadOnlySpan<long> held, long time, uint sequence, TickPosition position)
    {
        if (time != held[1]) return time.CompareTo(held[1]);
        if (sequence != (uint)held[2]) return sequence.CompareTo((uint)held[2]);
        return position.CompareTo(new TickPosition((ulong)held[3], (ulong)held[4]));
    }
}
