namespace Tikr.Core.Rollup.Aggregates;

/// <summary>Greatest value.</summary>
internal sealed class Max(AggregateInput input) : Extreme(input)
{
    public static readonly Aggregation Definition = new("max", input => new Max(input));

    protected override long Best(ReadOnlySpan<long> values) => Input.Type.Max(values);

    protected override bool Beats(long value, long held) => Input.Type.IsLess(held, than: value);
}
