namespace Tikr.Core.Rollup.Aggregates;

/// <summary>Exact sum in 128 bits; the overflow policy applies once, when the bar is written.</summary>
internal sealed class Sum(AggregateInput input) : Aggregate
{
    public static readonly Aggregation Definition = new("sum", input => new Sum(input)) { IsAdditive = true };

    // State: [0] number of inputs, [1] lower and [2] upper half of the Int128.
    public override int StateLength => 3;

    public override void Add(Span<long> state, in TickRun run)
    {
        var (sum, inputs) = run.Present.IsEmpty ? (input.Type.Sum(run.Field(input.Field)), run.Count) : SumOfPresent(run);
        if (inputs > 0) AddTo(state, sum, inputs);
    }

    public override void Merge(Span<long> state, ReadOnlySpan<long> other)
    {
        if (other[0] != 0) AddTo(state, Read(other), other[0]);
    }

    public override bool TryWrite(ReadOnlySpan<long> state, out long value, out bool overflowed)
    {
        var sum = Read(state);
        value = input.Type.Saturate(sum);
        overflowed = input.Type.IntegerOf(value) != sum;
        return state[0] != 0 && !(overflowed && input.OmitOverflow);
    }

    private (Int128 Sum, int Inputs) SumOfPresent(in TickRun run)
    {
        Int128 sum = 0;
        var inputs = 0;
        var values = run.Field(input.Field);
        var present = run.Present;
        for (var i = 0; i < values.Length; i++)
        {
            if ((present[i] >> input.Field & 1) == 0) continue;
            sum += input.Type.IntegerOf(values[i]);
            inputs++;
        }

        return (sum, inputs);
    }

    private static Int128 Read(ReadOnlySpan<long> state) => new((ulong)state[2], (ulong)state[1]);

    private static void AddTo(Span<long> state, Int128 sum, long inputs)
    {
        sum += Read(state);
        state[0] += inputs;
        state[1] = unchecked((long)(ulong)sum);
        state[2] = unchecked((long)(ulong)(sum >> 64));
    }
}
