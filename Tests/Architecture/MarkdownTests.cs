using System.Text.RegularExpressions;

namespace Tikr.Tests.Architecture;

/// <summary>Rules that every Markdown page keeps.</summary>
public sealed partial class MarkdownTests
{
    private const int MostColumns = 120;

    [Fact]
    public void No_line_of_prose_is_wider_than_the_limit() =>
        Assert.Empty(
            from file in SourceTree.Files(".md")
            from line in Prose(File.ReadLines(file))
            where line.Text.Length > MostColumns
            select $"{SourceTree.Short(file)}:{line.Number}: {line.Text.Length} columns");

    [Fact]
    public void Every_link_within_the_repository_leads_to_a_file() =>
        Assert.Empty(
            from file in SourceTree.Files(".md")
            from Match link in RelativeLink().Matches(File.ReadAllText(file))
            let target = Path.Combine(Path.GetDirectoryName(file)!, link.Groups["path"].Value)
            where !Path.Exists(target)
            select $"{SourceTree.Short(file)}: {link.Groups["path"].Value}");

    // A table row is one line by Markdown's rules, code is as wide as it is, and a link cannot be broken.
    private static IEnumerable<(int Number, string Text)> Prose(IEnumerable<string> lines)
    {
        var (number, isCode) = (0, false);
        foreach (var line in lines)
        {
            number++;
            var isFence = line.TrimStart().StartsWith("```", StringComparison.Ordinal);
            if (isFence) isCode = !isCode;
            if (!isFence && !isCode && !line.StartsWith('|') && !LoneLink().IsMatch(line)) yield return (number, line);
        }
    }

    [GeneratedRegex(@"^\s*([-*] |\d+\. )?(<?https?://\S+|!?\[[^\]]*\]\(\S+\))[.,;)]?$")]
    private static partial Regex LoneLink();

    [GeneratedRegex(@"\]\((?<path>[^)#:\s]+)(#[^)]*)?\)")]
    private static partial Regex RelativeLink();
}
