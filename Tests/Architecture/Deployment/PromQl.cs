using System.Text.RegularExpressions;

namespace Tikr.Tests.Architecture.Deployment;

/// <summary>The little of PromQL that finds the metrics of an expression: whatever is neither label, range, function nor keyword.</summary>
internal static partial class PromQl
{
    private static readonly HashSet<string> Keywords = ["and", "or", "unless", "bool", "offset", "group_left", "group_right", "inf", "nan"];

    /// <summary>Names of the metrics.</summary>
    public static IReadOnlyList<string> Metrics(string expression)
    {
        var bare = Apart().Replace(expression, " ");
        return [.. Name().Matches(bare).Select(match => match.Value).Where(name => !Keywords.Contains(name)).Distinct()];
    }

    /// <summary>Names of the labels that select or group.</summary>
    public static IReadOnlyList<string> Labels(string expression) =>
        [.. Selector().Matches(expression).SelectMany(match => Label().Matches(match.Value)).Select(match => match.Groups[1].Value)
            .Concat(Grouping().Matches(expression).SelectMany(match => match.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries)))
                .Distinct()];

    // Selectors, ranges, lists of labels after by and its like, variables of Grafana.
    [GeneratedRegex(@"\{[^}]*\}|\[[^\]]*\]|\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)|\$\{?\w+\}?")]
    private static partial Regex Apart();

    [GeneratedRegex(@"(?<![\w.])[a-zA-Z_:][\w:]*\b(?!\s*\()")]
    private static partial Regex Name();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Selector();

    [GeneratedRegex(@"([a-z_]+)\s*(?:=~|!~|!=|=)")]
    private static partial Regex Label();

    [GeneratedRegex(@"\b(?:by|without)\s*\(([^)]*)\)")]
    private static partial Regex Grouping();
}
