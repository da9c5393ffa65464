using System.Text.RegularExpressions;

namespace Tikr.Tests.Architecture.Deployment;

/// <summary>Holds the lists of docs/operations.md and docs/kafka.md to what the code counts and refuses.</summary>
public sealed partial class OperationsPageTests
{
    private static readonly string Pages = string.Concat(
        new[] { "operations.md", "kafka.md" }.Select(page => File.ReadAllText(Path.Combine(SourceTree.Root, "docs", page))));

    [Fact]
    public void Every_metric_has_a_line()
    {
        var names = new[] { "Gateway", "Grains", "Publishing" }.SelectMany(folder => Source(folder))
            .SelectMany(text => Metric().Matches(text)).Select(name => name.Groups[1].Value).Distinct().ToArray();

        Assert.True(names.Length > 25);
        Assert.All(names, name => Assert.Contains($"`{name}`", Pages, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_reason_of_a_rejection_has_a_line()
    {
        var reasons = Reason().Matches(File.ReadAllText(Path.Combine(SourceTree.Root, "Core", "Ingest", "RejectionReasons.cs")))
            .Select(reason => reason.Groups[1].Value).ToArray();

        Assert.True(reasons.Length > 10);
        Assert.All(reasons, reason => Assert.Contains($"`{reason}`", Pages, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_reason_to_turn_away_has_a_line()
    {
        var reasons = Reason().Matches(File.ReadAllText(Path.Combine(SourceTree.Root, "Gateway", "Bounds", "RefusalReasons.cs")))
            .Select(reason => reason.Groups[1].Value).ToArray();

        Assert.True(reasons.Length > 5);
        Assert.All(reasons, reason => Assert.Contains($"| `{reason}` |", Pages, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Source(string folder) =>
        SourceTree.Files(".cs").Where(file => SourceTree.Short(file)
            .StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)).Select(File.ReadAllText);

    [GeneratedRegex(@"""(tikr\.(?:ingest|agg|query|store|output|grpc|server)\.[a-z_]+)""")]
    private static partial Regex Metric();

    [GeneratedRegex(@"const string \w+ = ""(\w+)""")]
    private static partial Regex Reason();
}
