using Tikr.Tests.Support;

namespace Tikr.Tests.Storage.Timescale.Views;

/// <summary>The queries of docs/sql.md: blocks marked as SQL, each under a heading of its own.</summary>
internal static class SqlDocument
{
    public static IReadOnlyList<(string Title, string Sql)> Queries { get; } =
        [.. Read(File.ReadAllLines(Path.Combine(Repository.Root, "docs", "sql.md")))];

    private static IEnumerable<(string Title, string Sql)> Read(string[] lines)
    {
        var title = "";
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].StartsWith('#')) title = lines[i].TrimStart('#').Trim();
            if (lines[i] != "```sql") continue;
            var end = Array.IndexOf(lines, "```", i);
            yield return (title, string.Join('\n', lines[(i + 1)..end]));
            i = end;
        }
    }
}
