using System.Buffers;
using System.Text;
using Tikr.Core.Specs;

namespace Tikr.Core.Otlp;

/// <summary>
/// Makes the layout of a form as OTLP/JSON has it: names in lowerCamelCase, 64-bit integers as strings, enums as numbers.
/// </summary>
internal sealed class JsonLayoutWriter
{
    private readonly BarShape _shape;
    private readonly BarForm _form;
    private readonly List<JsonPiece> _pieces = [];
    private readonly ArrayBufferWriter<byte> _text = new();

    private JsonLayoutWriter(BarShape shape, BarForm form)
    {
        _shape = shape;
        _form = form;
    }

    public static JsonLayout Write(BarShape shape, BarForm form) => new JsonLayoutWriter(shape, form).Write();

    private JsonLayout Write()
    {
        Add("{\"resourceMetrics\":[{\"resource\":{\"attributes\":[");
        AddText(OtlpScope.ServiceAttribute, _shape.ServiceName);
        Add(",");
        AddText(OtlpScope.SeriesAttribute, _shape.Spec.Series);
        Add("]},\"scopeMetrics\":[{\"scope\":{\"name\":");
        AddQuoted(OtlpScope.Name);
        Add(",\"version\":");
        AddQuoted(OtlpScope.Version);
        Add("},\"metrics\":[");
        var metrics = _shape.Metrics.Where(metric => metric.IsIn(_form)).ToList();
        foreach (var metric in metrics)
        {
            if (metric != metrics[0]) Add(",");
            AddMetric(metric);
        }

        Add("]}]}]}");
        Hole(JsonHole.None);
        return new JsonLayout(_shape, [.. _pieces]);
    }

    private void AddMetric(MetricShape metric)
    {
        Add("{\"name\":");
        AddQuoted(metric.Name);
        AddOptional(",\"description\":", metric.Description);
        AddOptional(",\"unit\":", metric.Unit);
        Add(metric.Kind == OtlpKind.Gauge ? ",\"gauge\":{\"dataPoints\":[" : ",\"sum\":{\"dataPoints\":[");
        var isDouble = metric.IsDoubleIn(_form);
        AddPoint(metric, isDouble);
        Add("]");
        if (metric.Kind != OtlpKind.Gauge) Add($",\"aggregationTemporality\":{OtlpTags.Delta}");
        if (metric.Kind == OtlpKind.Counter) Add(",\"isMonotonic\":true");
        Add("}");
        if (metric.IsCarrier || isDouble) AddMetadata(metric, isDouble);
        Add("}");
    }

    private void AddPoint(MetricShape metric, bool isDouble)
    {
        Add("{\"attributes\":[");
        Hole(JsonHole.Attributes);
        Add("],\"startTimeUnixNano\":\"");
        Hole(JsonHole.Start);
        Add("\",\"timeUnixNano\":\"");
        Hole(JsonHole.Time);
        Add(isDouble ? "\",\"asDouble\":" : "\",\"asInt\":\"");
        Hole(isDouble ? JsonHole.Double : JsonHole.Integer, new Content(ContentKind.Value, metric.Index, metric.Type));
        Add(isDouble ? "}" : "\"}");
    }

    private void AddMetadata(MetricShape metric, bool isDouble)
    {
        var opening = ",\"metadata\":[";
        if (metric.IsCarrier)
        {
            AddNumber(ref opening, BarMetadata.FirstTimestamp, ContentKind.First);
            AddNumber(ref opening, BarMetadata.LastTimestamp, ContentKind.Last);
            if (_form.RevisionLength > 0) AddNumber(ref opening, BarMetadata.Revision, ContentKind.Revision);
        }

        if (isDouble) AddNumber(ref opening, BarMetadata.Bits, ContentKind.Value, metric.Index);
        Add("]");
    }

    private void AddNumber(ref string opening, string key, ContentKind kind, int metric = 0)
    {
        Add(opening);
        Add("{\"key\":");
        AddQuoted(key);
        Add(",\"value\":{\"intValue\":\"");
        Hole(JsonHole.Integer, new Content(kind, metric));
        Add("\"}}");
        opening = ",";
    }

    private void AddText(string key, string value)
    {
        Add("{\"key\":");
        AddQuoted(key);
        Add(",\"value\":{\"stringValue\":");
        AddQuoted(value);
        Add("}}");
    }

    private void AddOptional(string name, string? value)
    {
        if (value is null) return;
        Add(name);
        AddQuoted(value);
    }

    private void AddQuoted(string text) => _text.Write(Attributes.Quoted(text));

    private void Add(string json) => _text.Write(Encoding.UTF8.GetBytes(json));

    private void Hole(JsonHole hole, Content content = default)
    {
        _pieces.Add(new JsonPiece(_text.WrittenSpan.ToArray(), hole, content));
        _text.ResetWrittenCount();
    }
}
