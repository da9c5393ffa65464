using System.Globalization;
using System.Text.RegularExpressions;

namespace Tikr.Tests.Architecture;

/// <summary>Holds log messages to docs/logging.md.</summary>
public sealed partial class LogTests
{
    private static readonly LogMessage[] Messages = [.. SourceTree.ProductFiles().SelectMany(MessagesOf)];

    private static readonly Dictionary<string, (int From, int To)> Ranges =
        RangeRow().Matches(File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "logging.md"))).ToDictionary(
            row => row.Groups["project"].Value, row => (Number(row.Groups["from"]), Number(row.Groups["to"])));

    [Fact]
    public void Every_event_id_is_given_once() =>
        Assert.Empty(Messages.GroupBy(message => message.Id).Where(same => same.Count() > 1).Select(same => string.Join(", ", same)));

    [Fact]
    public void Event_ids_are_in_the_range_of_their_project() =>
        Assert.DoesNotContain(Messages, message =>
            !Ranges.TryGetValue(message.Project, out var range) || message.Id < range.From || message.Id > range.To);

    [Fact]
    public void Ranges_are_used_and_do_not_overlap()
    {
        Assert.Equal(Messages.Select(message => message.Project).Distinct().Order(), Ranges.Keys.Order());
        var ordered = Ranges.Values.OrderBy(range => range.From).ToList();
        Assert.All(ordered.Zip(ordered.Skip(1)), pair => Assert.True(pair.First.To < pair.Second.From, $"{pair}"));
    }

    [Fact]
    public void No_message_ends_with_a_full_stop() =>
        Assert.DoesNotContain(Messages, message => message.Text.EndsWith('.'));

    [Fact]
    public void Messages_are_written_in_the_Log_of_their_project_and_called_in_one_way()
    {
        Assert.DoesNotContain(Messages, message => message.File != Path.Combine(message.Project, "Log.cs"));
        Assert.Empty(SourceTree.ProductFiles().Where(file => OtherWay().IsMatch(File.ReadAllText(file))).Select(SourceTree.Short));
    }

    private static IEnumerable<LogMessage> MessagesOf(string file)
    {
        var (text, path) = (File.ReadAllText(file), SourceTree.Short(file));
        var found = Message().Matches(text);
        Assert.Equal(Attribute().Count(text), found.Count);
        return found.Select(match => new LogMessage(path.Split(Path.DirectorySeparatorChar)[0], path, Number(match.Groups["id"]),
            string.Concat(match.Groups["part"].Captures.Select(part => part.Value))));
    }

    private static int Number(Group digits) => int.Parse(digits.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(?m)^\| (?<project>[\w.]+) \| (?<from>\d+)-(?<to>\d+) \|$")]
    private static partial Regex RangeRow();

    [GeneratedRegex(@"\[LoggerMessage\(")]
    private static partial Regex Attribute();

    [GeneratedRegex(
        """\[LoggerMessage\((?<id>\d+), LogLevel\.\w+,\s*"(?<part>(?:[^"\\]|\\.)*)"(?:\s*\+\s*"(?<part>(?:[^"\\]|\\.)*)")*\)\]""")]
    private static partial Regex Message();

    // Extension methods on loggers, and the framework's own.
    [GeneratedRegex(@"this ILogger\b|\.Log(Trace|Debug|Information|Warning|Error|Critical)\(")]
    private static partial Regex OtherWay();

    private sealed record LogMessage(string Project, string File, int Id, string Text);
}
