using System.Text.RegularExpressions;

namespace Tikr.Tests.Architecture.Deployment;

/// <summary>The Dockerfile as the tests look at it.</summary>
internal static partial class Dockerfile
{
    /// <summary>Its text.</summary>
    public static string Text { get; } = File.ReadAllText(Path.Combine(SourceTree.Root, "Dockerfile"));

    /// <summary>What is copied from the repository, stage by stage and in order.</summary>
    public static IReadOnlyList<string> Sources { get; } =
        [.. Copy().Matches(Text).SelectMany(copy => copy.Groups[1].Value.Split(' ')[..^1])];

    /// <summary>The command of the health check.</summary>
    public static string HealthCheck { get; } = Health().Match(Text).Groups[1].Value;

    [GeneratedRegex(@"(?m)^COPY (?!--from)(.*)$")]
    private static partial Regex Copy();

    [GeneratedRegex(@"HEALTHCHECK[^\n]*\\\n\s*CMD (\[.*\])")]
    private static partial Regex Health();
}
