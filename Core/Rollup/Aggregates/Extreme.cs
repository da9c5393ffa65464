namespace Tikr.Core.Rollup.Aggregates;

/// <summary>What least and greatest share.</summary>
internal abstract class Extreme(AggregateInput input) : Aggregate
{
    protected AggregateInput Input { get; } = input;

    // State: [0] 1 when set, [1] the value.
    public sealed override int StateLength => 2;

    public sealed override void Add(Span<long> state, in TickRun run)
    {
        var values = run.Field(Input.Field);
        if (run.Present.IsEmpty)
        {
            Offer(state, values.Length == 1 ? values[0] : Best(values));
            return;
        }

        var present = run.Present;
        for (var i = 0; i < values.Length; i++)
        {
            if ((present[i] >> Input.Field & 1) != 0) Offer(state, values[i]);
        }
    }

    public sealed override void Merge(Span<long> state, ReadOnlySpan<long> other)
    {
        if (other[0] != 0) Offer(state, other[1]);
    }

    public sealed override bool TryWrite(ReadOnlySpan<long> state, out long value, out bool overflowed)
    {
        (value, overflowed) = (state[1], false);
        return state[0] != 0;
    }

    protected abstract long Best(ReadOnlySpan<long> values);

    protected abstract bool Beats(long value, long held);

    private void Offer(Span<long> state, long value)
    {
        if (state[0] != 0 && !Beats(value, state[1])) return;
        state[0] = 1;
        state[1] = value;
    }
}
