namespace Tikr.Core.Rollup.Aggregates;

/// <summary>Number of ticks, whatever their fields.</summary>
internal sealed class Count : Aggregate
{
    public static readonly Aggregation Definition = new("count", _ => new Count())
    {
        ReadsField = false,
        IsAdditive = true,
        IsTickCount = true,
    };

    public override int StateLength => 1;

    public override void Add(Span<long> state, in TickRun run) => state[0] += run.Count;

    public override void Merge(Span<long> state, ReadOnlySpan<long> other) => state[0] += other[0];

    public override bool TryWrite(ReadOnlySpan<long> state, out long value, out bool overflowed)
    {
        (value, overflowed) = (state[0], false);
        return true;
    }
}
