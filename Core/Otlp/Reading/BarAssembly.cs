using System.Globalization;
using System.Text;

namespace Tikr.Core.Otlp.Reading;

/// <summary>Puts the data points of a payload together to bars: points of one series with equal attributes and times are one bar.</summary>
internal static class BarAssembly
{
    public static List<PublishedBar> ToBars(List<OtlpResource> resources, ReadProblem problem)
    {
        var parts = new Dictionary<string, BarParts>(StringComparer.Ordinal);
        var order = new List<BarParts>();
        var key = new StringBuilder();
        BarParts? bar = null;
        foreach (var resource in resources)
        {
            if (resource.Series is not { } series)
            {
                problem.Note(OtlpMessages.NoSeries);
                return [];
            }

            foreach (var metric in resource.Metrics)
            {
                foreach (var point in metric.Points)
                {
                    if (point.HasNoValue) continue;
                    // Points of one bar mostly follow each other.
                    if (bar is null || !bar.Takes(series, point))
                    {
                        var identity = IdentityOf(series, point, key);
                        if (!parts.TryGetValue(identity, out bar))
                        {
                            parts.Add(identity, bar = new BarParts(series, point, problem));
                            order.Add(bar);
                        }
                    }

                    bar.Add(metric, point);
                    if (problem.Text is not null) return [];
                }
            }
        }

        if (order.Count == 0) problem.Note(OtlpMessages.NoPoints);
        return order.ConvertAll(bar => bar.ToBar());
    }

    private static string IdentityOf(string series, OtlpPoint point, StringBuilder key)
    {
        key.Clear().Append(series).Append('\0').Append(point.Start).Append('\0').Append(point.Time);
        foreach (var attribute in point.Attributes.OrderBy(attribute => attribute.Key, StringComparer.Ordinal))
        {
            var value = attribute.Text ?? attribute.Integer?.ToString(CultureInfo.InvariantCulture) ?? "";
            key.Append('\0').Append(attribute.Key.Length).Append(' ').Append(value.Length).Append(' ').Append(attribute.Key).Append(value);
        }

        return key.ToString();
    }
}
