using Tikr.Core.Rollup.Aggregates;

namespace Tikr.Core.Rollup;

/// <summary>The aggregations that a spec can name.</summary>
public static class AggregateRegistry
{
    /// <summary>All of them, in the order they are documented.</summary>
    public static IReadOnlyList<Aggregation> All { get; } =
    [
        First.Definition,
        Last.Definition,
        Min.Definition,
        Max.Definition,
        Sum.Definition,
        Count.Definition,
    ];

    private static readonly Dictionary<string, Aggregation> ByWord = All.ToDictionary(aggregation => aggregation.Word);

    /// <summary>The aggregation of a word.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public static Aggregation Of(string word) => ByWord[word];
}
