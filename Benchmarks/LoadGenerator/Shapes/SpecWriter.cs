using System.Text;

namespace Tikr.LoadGenerator.Shapes;

/// <summary>Writes a shape as the spec file that makes a server expect it.</summary>
internal static class SpecWriter
{
    /// <summary>The YAML of a shape.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="grace">Grace as the file writes it ("200ms"); null leaves it to the server, as upstream's specs do.</param>
    public static string Write(Shape shape, string? grace)
    {
        var yaml = new StringBuilder(
            $"series: {shape.Series}\n\ntimestamp:\n  field: timestamp_ns\n  precision: nanosecond\n\ndimensions:\n");
        foreach (var dimension in shape.Dimensions) yaml.Append($"  - name: {dimension}\n    type: string\n");
        yaml.Append("\nmetrics:\n");
        foreach (var metric in shape.Metrics)
        {
            yaml.Append($"  - name: {metric.Name}\n");
            if (metric.Fold != Fold.Count) yaml.Append($"    field: {shape.Fields[metric.Field].Name}\n");
            yaml.Append($"    type: {(metric.Fold == Fold.Count ? "uint64" : "int64")}\n    aggregation: {Word(metric.Fold)}\n");
        }

        yaml.Append("\ngranularity:\n  rollup: 1s\n");
        if (grace is not null) yaml.Append($"  grace: {grace}\n");
        return yaml.ToString();
    }

    private static string Word(Fold fold) => fold switch
    {
        Fold.First => "first",
        Fold.Max => "max",
        Fold.Min => "min",
        Fold.Last => "last",
        Fold.Sum => "sum",
        _ => "count",
    };
}
