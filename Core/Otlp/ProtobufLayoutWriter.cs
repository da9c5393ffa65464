using Tikr.Core.Specs;
using Tikr.Core.Wire;

namespace Tikr.Core.Otlp;

/// <summary>Makes the layout of a form: a whole message, in which numbers of bars and attributes of keys are holes.</summary>
internal sealed class ProtobufLayoutWriter
{
    // A timestamp from 1972 to 2262 takes 9 bytes; an earlier one is written with leading zeros.
    private const int TimestampLength = 9, BitsLength = VarintCode.MaxLength;

    private readonly BarShape _shape;
    private readonly BarForm _form;
    private readonly ReverseWriter _writer = new();
    private readonly List<PointHole> _points = [];
    private readonly List<VarintHole> _varints = [];

    private ProtobufLayoutWriter(BarShape shape, BarForm form)
    {
        _shape = shape;
        _form = form;
    }

    public static ProtobufLayout Write(BarShape shape, BarForm form) => new ProtobufLayoutWriter(shape, form).Write();

    private ProtobufLayout Write()
    {
        for (var i = _shape.Metrics.Length - 1; i >= 0; i--)
        {
            if (_shape.Metrics[i].IsIn(_form)) WriteMetric(_shape.Metrics[i]);
        }

        var scope = _writer.Written;
        _writer.Text(OtlpTags.ScopeVersion, OtlpScope.Version);
        _writer.Text(OtlpTags.ScopeName, OtlpScope.Name);
        _writer.Message(OtlpTags.Scope, scope);
        _writer.Message(OtlpTags.ScopeMetrics, 0);

        var resource = _writer.Written;
        _writer.TextAttribute(OtlpTags.ResourceAttribute, OtlpScope.SeriesAttribute, _shape.Spec.Series);
        _writer.TextAttribute(OtlpTags.ResourceAttribute, OtlpScope.ServiceAttribute, _shape.ServiceName);
        _writer.Message(OtlpTags.Resource, resource);
        if (_shape.Encoding == BarEncoding.Otlp) _writer.Message(OtlpTags.ResourceMetrics, 0);

        // Holes were noted by their distance from the end.
        var total = _writer.Written;
        return new ProtobufLayout(
            _shape,
            _writer.ToArray(),
            [.. _points.Select(point => point with { Offset = total - point.Offset })],
            [.. _varints.Select(varint => varint with { Offset = total - varint.Offset })]);
    }

    private void WriteMetric(MetricShape metric)
    {
        var end = _writer.Written;
        var isDouble = metric.IsDoubleIn(_form);
        WriteMetadata(metric, isDouble);

        var data = _writer.Written;
        if (metric.Kind != OtlpKind.Gauge)
        {
            if (metric.Kind == OtlpKind.Counter) _writer.Bytes([OtlpTags.IsMonotonic, 1]);
            _writer.Bytes([OtlpTags.Temporality, OtlpTags.Delta]);
        }

        var point = _writer.Written;
        _writer.Hole(_form.AttributesLength);
        _writer.Fixed64(isDouble ? OtlpTags.AsDouble : OtlpTags.AsInt, 0);
        _writer.Fixed64(OtlpTags.Time, 0);
        _writer.Fixed64(OtlpTags.StartTime, 0);
        _points.Add(new PointHole(_writer.Written, metric.Index, metric.Type, isDouble));
        _writer.Message(OtlpTags.DataPoint, point);
        _writer.Message(metric.Kind == OtlpKind.Gauge ? OtlpTags.Gauge : OtlpTags.Sum, data);

        if (metric.Unit is { } unit) _writer.Text(OtlpTags.Unit, unit);
        if (metric.Description is { } description) _writer.Text(OtlpTags.Description, description);
        _writer.Text(OtlpTags.Name, metric.Name);
        _writer.Message(OtlpTags.Metric, end);
    }

    private void WriteMetadata(MetricShape metric, bool isDouble)
    {
        if (isDouble) WriteNumber(BarMetadata.Bits, BitsLength, new Content(ContentKind.Value, metric.Index));
        if (!metric.IsCarrier) return;
        if (_form.RevisionLength > 0) WriteNumber(BarMetadata.Revision, _form.RevisionLength, new Content(ContentKind.Revision));
        if (_shape.StatedGranularity is { } granularity)
        {
            var value = _writer.Written;
            _writer.Varint((ulong)granularity);
            _writer.Byte(OtlpTags.IntValue);
            _writer.Message(OtlpTags.Value, value);
            _writer.Text(OtlpTags.Key, BarMetadata.Granularity);
            _writer.Message(OtlpTags.Metadata, value);
        }

        WriteNumber(BarMetadata.LastTimestamp, TimestampLength, new Content(ContentKind.Last));
        WriteNumber(BarMetadata.FirstTimestamp, TimestampLength, new Content(ContentKind.First));
    }

    private void WriteNumber(string key, int length, Content content) =>
        _varints.Add(new VarintHole(_writer.IntegerAttribute(OtlpTags.Metadata, key, length), length, content));
}
