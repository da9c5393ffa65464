using System.Globalization;
using System.Text.Json.Nodes;

namespace Tikr.LoadGenerator.Charts;

/// <summary>A line of a chart: medians by x.</summary>
internal sealed record ChartLine(string Name, IReadOnlyList<(double X, double Y)> Points);

/// <summary>One panel of a picture: results of many runs over one of their numbers.</summary>
internal static class Chart
{
    /// <summary>Reads lines, one for each label and number.</summary>
    /// <param name="file">JSON lines.</param>
    /// <param name="x">Name of the number to the right.</param>
    /// <param name="ys">Names of the numbers upwards.</param>
    /// <param name="scale">What they are multiplied with.</param>
    public static List<ChartLine> Read(string file, string x, string[] ys, double scale)
    {
        var runs = File.ReadLines(file).Where(line => line.Length > 0).Select(line => JsonNode.Parse(line)!).ToList();
        var lines =
            from y in ys
            from runsOfLabel in runs.GroupBy(run => (string)run["label"]!)
            let points = from run in runsOfLabel
                         where Number(run[x]) is not double.NaN && Number(run[y]) is not double.NaN
                         group Number(run[y]) * scale by Number(run[x]) into values
                         orderby values.Key
                         select (values.Key, Median([.. values.Order()]))
            where points.Any()
            select new ChartLine(ys.Length == 1 ? runsOfLabel.Key : $"{runsOfLabel.Key} {y.Replace('_', ' ')}", [.. points]);
        return [.. lines];
    }

    // Widths of specs stand in the names of their series.
    private static double Number(JsonNode? node) => node?.GetValueKind() switch
    {
        System.Text.Json.JsonValueKind.Number => (double)node,
        System.Text.Json.JsonValueKind.String when double.TryParse(((string)node!)
            .Split('_')[^1], CultureInfo.InvariantCulture, out var number) => number,
        _ => double.NaN,
    };

    private static double Median(double[] sorted) => (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
}
