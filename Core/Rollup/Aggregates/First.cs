namespace Tikr.Core.Rollup.Aggregates;

/// <summary>Value of the first tick by (time, sequence, position).</summary>
internal sealed class First(AggregateInput input) : End(input)
{
    public static readonly Aggregation Definition = new("first", input => new First(input));

    protected override int Pick(in TickRun run)
    {
        if (run.Present.IsEmpty) return 0;
        var present = run.Present;
        for (var i = 0; i < present.Length; i++)
        {
            if (Has(present[i])) return i;
        }

        return -1;
    }

    protected override bool Beats(int order) => order < 0;
}
