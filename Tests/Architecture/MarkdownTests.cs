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

    // A page may leave out the folders where the name alone finds the file.
    [Fact]
    public void Every_source_file_that_a_page_names_exists()
    {
        var files = SourceTree.Files(".cs").Select(file => '/' + SourceTree.Short(file).Replace('\\', '/')).ToArray();

        Assert.Empty(
            from page in SourceTree.Files(".md")
            from Match named in SourceFile().Matches(File.ReadAllText(page))
            let name = named.Groups["path"].Value
            where !files.Any(file => file.EndsWith('/' + name, StringComparison.Ordinal))
            select $"{SourceTree.Short(page)}: {name}");
    }

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

    [GeneratedRegex(@"`(?<path>[\w./-]+\.cs)`")]
    private static partial Regex SourceFile();

    [GeneratedRegex(@"\]\((?<path>[^)#:\s]+)(#[^)]*)?\)")]
    private static partial Regex RelativeLink();
}
