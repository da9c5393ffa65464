using System.Text.RegularExpressions;

namespace Tikr.Tests.Architecture.Deployment;

/// <summary>The instruments of meter <c>tikr</c> as the source makes them, by the names that the Prometheus page has for them.</summary>
internal static partial class Instruments
{
    // As the exporter writes units; a unit that is not listed here makes the test fail, not pass.
    private static readonly Dictionary<string, string> Units = new() { ["ms"] = "milliseconds", ["s"] = "seconds", ["By"] = "bytes" };

    /// <summary>The files that make instruments and add to them.</summary>
    public static IReadOnlyList<string> Sources { get; } =
        [.. SourceTree.Files(".cs").Where(file => Path.GetFileName(Path.GetDirectoryName(file)) == "Metrics").Select(File.ReadAllText)];

    /// <summary>Every name that a query may use.</summary>
    public static IReadOnlySet<string> Names { get; } = Sources.SelectMany(In).ToHashSet();

    /// <summary>The names of a source text.</summary>
    public static IEnumerable<string> In(string source) => Creation().Matches(source).SelectMany(match =>
    {
        var name = match.Groups["name"].Value.Replace('.', '_');
        if (match.Groups["unit"] is { Success: true, Value: var unit } && !name.EndsWith($"_{Units[unit]}", StringComparison.Ordinal))
            name = $"{name}_{Units[unit]}";
        return match.Groups["kind"].Value switch
        {
            "Counter" or "ObservableCounter" => new[] { name.EndsWith("_total", StringComparison.Ordinal) ? name : name + "_total" },
            "Histogram" => [name + "_bucket", name + "_sum", name + "_count"],
            _ => [name],
        };
    });

    // Histogram(...) is the gateway's own helper: its second argument describes, it has no unit.
    [GeneratedRegex("""
        (?<create>Create)?
        (?<kind>Counter|ObservableCounter|UpDownCounter|ObservableUpDownCounter|Gauge|ObservableGauge|Histogram)
        (?:<\w+>)?\(\s*"(?<name>tikr\.[a-z_.]+)"(?(create)(?:,\s*"(?<unit>[^"]*)")?)
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Creation();
}
