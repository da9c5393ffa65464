namespace Tikr.Core.Rollup.Aggregates;

/// <summary>Least value.</summary>
internal sealed class Min(AggregateInput input) : Extreme(input)
{
    public static readonly Aggregation Definition = new("min", input => new Min(input));

    protected override long Best(ReadOnlySpan<long> values) => Input.Type.Min(values);

    protected override bool Beats(long value, long held) => Input.Type.IsLess(value, than: held);
}
