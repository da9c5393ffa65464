using System.Globalization;
using System.Text.Json.Nodes;

namespace Tikr.Tests.Support.Otlp;

/// <summary>Reads a line that decode.js wrote.</summary>
internal static class DecodedMessage
{
    public static IReadOnlyList<OtlpPoint> Parse(string line)
    {
        var root = JsonNode.Parse(line)!;
        Assert.True(root["error"] is null, root["error"]?.GetValue<string>());
        return
        [
            .. from resource in root["resourceMetrics"]!.AsArray()
               from scope in resource["scopeMetrics"]!.AsArray()
               from metric in scope["metrics"]!.AsArray()
               from point in (metric["gauge"] ?? metric["sum"])!["dataPoints"]!.AsArray()
               select new OtlpPoint
               {
                   Service = Resource(resource, "service.name"),
                   Series = Resource(resource, "tikr.series"),
                   Scope = $"{Text(scope["scope"], "name")} {Text(scope["scope"], "version")}",
                   Metric = Text(metric, "name"),
                   Unit = Text(metric, "unit"),
                   Description = Text(metric, "description"),
                   Kind = KindOf(metric),
                   Attributes = string.Concat(
                       point["attributes"]!.AsArray().Select(pair => $"{Text(pair, "key")}={Text(pair!["value"], "stringValue")}\n")),
                   Start = Number(point, "startTimeUnixNano"),
                   Time = Number(point, "timeUnixNano"),
                   Value = ValueOf(point),
                   Metadata = MetadataOf(metric),
               },
        ];
    }

    private static string KindOf(JsonNode metric)
    {
        if (metric["gauge"] is not null) return "gauge";
        var sum = metric["sum"]!;
        var temporality = sum["aggregationTemporality"]?.GetValue<int>() == 1 ? "delta" : $"temporality {sum["aggregationTemporality"]}";
        return sum["isMonotonic"]?.GetValue<bool>() == true ? $"monotonic {temporality} sum" : $"{temporality} sum";
    }

    private static string ValueOf(JsonNode point) => point["asInt"] is { } integer
        ? integer.GetValue<string>()
        : "double " + point["asDouble"]!.GetValue<double>().ToString("R", CultureInfo.InvariantCulture);

    private static string MetadataOf(JsonNode metric) =>
        string.Join(' ', metric["metadata"]!.AsArray().Select(pair => $"{Text(pair, "key")}={Text(pair!["value"], "intValue")}"));

    private static string Resource(JsonNode resource, string key) => Text(
        resource["resource"]!["attributes"]!.AsArray().SingleOrDefault(pair => Text(pair, "key") == key)?["value"], "stringValue");

    private static long Number(JsonNode node, string name) => long.Parse(Text(node, name), CultureInfo.InvariantCulture);

    private static string Text(JsonNode? node, string name) => node?[name]?.GetValue<string>() ?? "";
}
