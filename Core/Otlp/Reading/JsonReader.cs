using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace Tikr.Core.Otlp.Reading;

/// <summary>Reads OTLP metrics in JSON; unknown members are skipped, 64-bit integers may be strings or numbers.</summary>
internal readonly ref struct JsonReader(ReadProblem problem)
{
    public static List<OtlpResource> Read(ReadOnlyMemory<byte> payload, ReadProblem problem)
    {
        // The parser looks at the bytes of a text only when it is asked for.
        if (!Utf8.IsValid(payload.Span))
        {
            problem.Note(OtlpMessages.NotUtf8);
            return [];
        }

        try
        {
            using var document = JsonDocument.Parse(payload);
            return new JsonReader(problem).ReadPayload(document.RootElement);
        }
        catch (JsonException e)
        {
            problem.Note(OtlpMessages.NotJson(e.Message));
        }
        catch (InvalidOperationException)
        {
            // A string that holds half a surrogate pair.
            problem.Note(OtlpMessages.NotUtf8);
        }

        return [];
    }

    private List<OtlpResource> ReadPayload(JsonElement root)
    {
        if (root.TryGetProperty("scopeMetrics", out _)) return [ReadResource(root)];
        var resources = new List<OtlpResource>();
        foreach (var resource in Elements(root, "resourceMetrics")) resources.Add(ReadResource(resource));
        return resources;
    }

    private OtlpResource ReadResource(JsonElement element)
    {
        var resource = new OtlpResource();
        if (Member(element, "resource") is { } about)
        {
            foreach (var attribute in Elements(about, "attributes"))
            {
                if (ReadAttribute(attribute) is { Key: OtlpScope.SeriesAttribute, Text: { } series }) resource.Series = series;
            }
        }

        foreach (var scope in Elements(element, "scopeMetrics"))
        {
            foreach (var metric in Elements(scope, "metrics")) resource.Metrics.Add(ReadMetric(metric));
        }

        return resource;
    }

    private OtlpMetric ReadMetric(JsonElement element)
    {
        var metric = new OtlpMetric { Name = Text(element, "name") ?? "" };
        foreach (var attribute in Elements(element, "metadata")) metric.Metadata.Add(ReadAttribute(attribute));
        if ((Member(element, "gauge") ?? Member(element, "sum")) is not { } data) return metric;
        foreach (var point in Elements(data, "dataPoints")) metric.Points.Add(ReadPoint(point));
        return metric;
    }

    private OtlpPoint ReadPoint(JsonElement element)
    {
        var point = new OtlpPoint
        {
            Start = Number<ulong>(element, "startTimeUnixNano") ?? 0,
            Time = Number<ulong>(element, "timeUnixNano") ?? 0,
            Integer = Number<long>(element, "asInt"),
            Double = Number<double>(element, "asDouble"),
            HasNoValue = ((Number<uint>(element, "flags") ?? 0) & 1) != 0,
        };
        foreach (var attribute in Elements(element, "attributes")) point.Attributes.Add(ReadAttribute(attribute));
        return point;
    }

    private OtlpAttribute ReadAttribute(JsonElement element)
    {
        var value = Member(element, "value");
        return new OtlpAttribute(
            Text(element, "key") ?? "",
            value is { } text ? Text(text, "stringValue") : null,
            value is { } number ? Number<long>(number, "intValue") : null);
    }

    private JsonElement? Member(JsonElement element, string name)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            problem.Note(OtlpMessages.OtherJson(name));
            return null;
        }

        return element.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;
    }

    private JsonElement.ArrayEnumerator Elements(JsonElement element, string name)
    {
        if (Member(element, name) is not { } array) return default;
        if (array.ValueKind == JsonValueKind.Array) return array.EnumerateArray();
        problem.Note(OtlpMessages.OtherJson(name));
        return default;
    }

    private string? Text(JsonElement element, string name)
    {
        if (Member(element, name) is not { } member) return null;
        if (member.ValueKind == JsonValueKind.String) return member.GetString();
        problem.Note(OtlpMessages.OtherJson(name));
        return null;
    }

    private T? Number<T>(JsonElement element, string name)
        where T : struct, ISpanParsable<T>
    {
        if (Member(element, name) is not { } member) return null;
        var text = member.ValueKind switch
        {
            JsonValueKind.String => member.GetString(),
            JsonValueKind.Number => member.GetRawText(),
            _ => null,
        };
        if (T.TryParse(text, CultureInfo.InvariantCulture, out var number)) return number;
        problem.Note(OtlpMessages.OtherJson(name));
        return null;
    }
}
