namespace Tikr.Core.Rollup.Aggregates;

/// <summary>Value of the last tick by (time, sequence, position).</summary>
internal sealed class Last(AggregateInput input) : End(input)
{
    public static readonly Aggregation Definition = new("last", input => new Last(input));

    protected override int Pick(in TickRun run)
    {
        if (run.Present.IsEmpty) return run.Count - 1;
        var present = run.Present;
        for (var i = present.Length - 1; i >= 0; i--)
        {
            if (Has(present[i])) return i;
        }

        return -1;
    }

    protected override bool Beats(int order) => order > 0;
}
