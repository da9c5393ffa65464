using System.Globalization;
using Google.Protobuf;
using Tikr.Core.Otlp.Reading;
using Tikr.Tests.Fuzz.Otlp;

namespace Tikr.Tests.Fuzz;

/// <summary>What a payload says of bars, as text: by our reader, and by the generated types.</summary>
internal static class OtlpText
{
    public static string Of(IEnumerable<OtlpResource> resources) => string.Join('\n', resources.Select(resource =>
        $"{resource.Series}: {string.Join("; ", resource.Metrics.Select(metric => $"{metric.Name} {Of(metric.Metadata)} "
            + string.Join(", ", metric.Points.Select(point => Of(
                point.Start, point.Time, point.Integer, point.Double, point.HasNoValue, Of(point.Attributes))))))}"));

    /// <summary>Null if it is no OTLP.</summary>
    public static string? Theirs(byte[] payload)
    {
        try
        {
            var resources = IsBare(payload)
                ? [ResourceMetrics.Parser.ParseFrom(payload)] : MetricsData.Parser.ParseFrom(payload).ResourceMetrics.AsEnumerable();
            return string.Join('\n', resources.Select(Of));
        }
        catch (Exception refused) when (refused is InvalidProtocolBufferException or InvalidOperationException)
        {
            return null;
        }
    }

    // MetricsData knows field 1 only; a ResourceMetrics with metrics has field 2.
    private static bool IsBare(byte[] payload)
    {
        using var input = new CodedInputStream(payload);
        var isBare = false;
        while (input.ReadTag() is var tag and not 0)
        {
            isBare |= tag == 18;
            input.SkipLastField();
        }

        return isBare;
    }

    private static string Of(ResourceMetrics resource)
    {
        var series = resource.Resource?.Attributes.LastOrDefault(one => one is { Key: "tikr.series", Value.HasStringValue: true });
        return $"{series?.Value.StringValue}: {string.Join("; ", resource.ScopeMetrics.SelectMany(scope => scope.Metrics).Select(Of))}";
    }

    private static string Of(Metric metric)
    {
        var points = metric.Gauge?.DataPoints ?? metric.Sum?.DataPoints ?? [];
        return $"{metric.Name} {Of(metric.Metadata)} " + string.Join(", ", points.Select(point => Of(
            point.StartTimeUnixNano, point.TimeUnixNano, point.HasAsInt ? point.AsInt : null, point.HasAsDouble ? point.AsDouble : null,
            (point.Flags & 1) != 0, Of(point.Attributes))));
    }

    private static string Of(IEnumerable<KeyValue> attributes) => Of(attributes.Select(one => new OtlpAttribute(
        one.Key,
        one.Value is { HasStringValue: true } text ? text.StringValue : null,
        one.Value is { HasIntValue: true } number ? number.IntValue : null)));

    private static string Of(IEnumerable<OtlpAttribute> attributes) =>
        $"[{string.Join(' ', attributes.Select(one => $"{one.Key}={(one.Text is { } text ? $"'{text}'" : one.Integer)}"))}]";

    private static string Of(ulong start, ulong time, long? integer, double? number, bool isGap, string attributes)
    {
        var bits = number is { } value ? BitConverter.DoubleToUInt64Bits(value).ToString("x", CultureInfo.InvariantCulture) : "";
        return $"{start}..{time} {integer} {bits} {isGap} {attributes}";
    }
}
