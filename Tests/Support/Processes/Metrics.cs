using System.Globalization;

namespace Tikr.Tests.Support.Processes;

/// <summary>One reading of <c>/metrics</c>.</summary>
public sealed class Metrics
{
    private readonly List<(string Name, string Labels, double Value)> _samples = [];

    /// <summary>Names of everything read.</summary>
    public IEnumerable<string> Names => _samples.Select(sample => sample.Name).Distinct();

    /// <summary>Reads the Prometheus text format.</summary>
    public static Metrics Parse(string text)
    {
        var metrics = new Metrics();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#'))
        {
            var brace = line.IndexOf('{', StringComparison.Ordinal);
            var end = brace < 0 ? line.IndexOf(' ', StringComparison.Ordinal) : line.LastIndexOf('}') + 1;
            var name = line[..(brace < 0 ? end : brace)];
            var value = line[end..].Trim().Split(' ')[0];
            metrics._samples.Add((name, brace < 0 ? "" : line[brace..end], ParseValue(value)));
        }

        return metrics;
    }

    /// <summary>Sum of a metric over all its label sets that contain every one of these texts, such as <c>reason="too_late"</c>.</summary>
    public double Sum(string name, params string[] labels) =>
        _samples.Where(sample => sample.Name == name && labels.All(label => sample.Labels.Contains(label, StringComparison.Ordinal)))
            .Sum(sample => sample.Value);

    private static double ParseValue(string value) => value switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(value, CultureInfo.InvariantCulture),
    };
}
