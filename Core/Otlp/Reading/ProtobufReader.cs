using System.Text;
using System.Text.Unicode;
using Tikr.Core.Wire;

namespace Tikr.Core.Otlp.Reading;

/// <summary>
/// Reads OTLP metrics in protobuf, in any legal order of fields. Accepts what a generated parser accepts: parts that bars do not need are
/// passed over, but they are looked through, and unknown fields are skipped.
/// </summary>
internal unsafe ref partial struct ProtobufReader(ReadProblem problem)
{
    // Messages around a ResourceMetrics: one, unless it is the payload itself.
    private int _around = 1;

    // The points of a bar end alike, in its attributes: those of the point before are taken where the bytes are the same.
    private byte* _tail;
    private int _tailLength;
    private List<OtlpAttribute>? _tailAttributes;

    public static List<OtlpResource> Read(ReadOnlySpan<byte> payload, ReadProblem problem) =>
        new ProtobufReader(problem).ReadPayload(payload);

    // Top level: MetricsData knows field 1 only, a bare ResourceMetrics with metrics has field 2.
    private List<OtlpResource> ReadPayload(ReadOnlySpan<byte> bytes)
    {
        var resources = new List<OtlpResource>();
        var isBare = false;
        fixed (byte* start = bytes)
        {
            var cursor = Begin(start, bytes);
            while (cursor.Tag() is var tag and not 0)
            {
                isBare |= tag == OtlpTags.ScopeMetrics;
                cursor.Skip(tag, depth: 0);
            }

            Check(cursor, start);
            if (problem.Text is not null) return resources;
            if (isBare)
            {
                _around = 0;
                resources.Add(ReadResourceMetrics(bytes));
                return resources;
            }

            cursor = Begin(start, bytes);
            while (cursor.Tag() is var tag and not 0)
            {
                if (tag == OtlpTags.ResourceMetrics) resources.Add(ReadResourceMetrics(cursor.Bytes()));
                else cursor.Skip(tag, depth: 0);
            }
        }

        return resources;
    }

    private OtlpResource ReadResourceMetrics(ReadOnlySpan<byte> bytes)
    {
        var resource = new OtlpResource();
        fixed (byte* start = bytes)
        {
            var cursor = Begin(start, bytes);
            while (cursor.Tag() is var tag and not 0)
            {
                if (tag == OtlpTags.Resource) ReadResource(cursor.Bytes(), resource);
                else if (tag == OtlpTags.ScopeMetrics) ReadScopeMetrics(cursor.Bytes(), resource);
                else PassOver(ref cursor, tag, OtlpPart.ResourceMetrics, _around);
            }

            Check(cursor, start);
        }

        return resource;
    }

    private void ReadResource(ReadOnlySpan<byte> bytes, OtlpResource resource)
    {
        fixed (byte* start = bytes)
        {
            var cursor = Begin(start, bytes);
            while (cursor.Tag() is var tag and not 0)
            {
                if (tag != OtlpTags.ResourceAttribute)
                {
                    PassOver(ref cursor, tag, OtlpPart.Resource, _around + 1);
                    continue;
                }

                var attribute = ReadAttribute(cursor.Bytes(), _around + 2);
                if (attribute is { Key: OtlpScope.SeriesAttribute, Text: { } series }) resource.Series = series;
            }

            Check(cursor, start);
        }
    }

    private void ReadScopeMetrics(ReadOnlySpan<byte> bytes, OtlpResource resource)
    {
        fixed (byte* start = bytes)
        {
            var cursor = Begin(start, bytes);
            while (cursor.Tag() is var tag and not 0)
            {
                if (tag == OtlpTags.Metric) resource.Metrics.Add(ReadMetric(cursor.Bytes()));
                else PassOver(ref cursor, tag, OtlpPart.ScopeMetrics, _around + 1);
            }

            Check(cursor, start);
        }
    }

    private OtlpMetric ReadMetric(ReadOnlySpan<byte> bytes)
    {
        var metric = new OtlpMetric();
        uint kind = 0;
        fixed (byte* start = bytes)
        {
            var cursor = Begin(start, bytes);
            while (cursor.Tag() is var tag and not 0)
            {
                // The data of another kind take the place of those before.
                if (OtlpTags.IsData(tag) && tag != kind)
                {
                    metric.Points.Clear();
                    kind = tag;
                }

                switch (tag)
                {
                    case OtlpTags.Name: metric.Name = Text(cursor.Bytes()); break;
                    case OtlpTags.Metadata: metric.Metadata.Add(ReadAttribute(cursor.Bytes(), _around + 3)); break;
                    case OtlpTags.Gauge or OtlpTags.Sum: ReadPoints(cursor.Bytes(), metric); break;
                    default: PassOver(ref cursor, tag, OtlpPart.Metric, _around + 2); break;
                }
            }

            Check(cursor, start);
        }

        return metric;
    }

    private void ReadPoints(ReadOnlySpan<byte> bytes, OtlpMetric metric)
    {
        fixed (byte* start = bytes)
        {
            var cursor = Begin(start, bytes);
            while (cursor.Tag() is var tag and not 0)
            {
                if (tag == OtlpTags.DataPoint) metric.Points.Add(ReadPoint(cursor.Bytes()));
                else PassOver(ref cursor, tag, OtlpPart.Points, _around + 3);
            }

            Check(cursor, start);
        }
    }

    private OtlpPoint ReadPoint(ReadOnlySpan<byte> bytes)
    {
        var point = new OtlpPoint();
        fixed (byte* start = bytes)
        {
            var cursor = Begin(start, bytes);
            byte* tail = null;
            for (var at = cursor.Position; cursor.Tag() is var tag and not 0; at = cursor.Position)
            {
                if (tag != OtlpTags.PointAttribute)
                {
                    tail = null;
                }
                else if (point.Attributes.Count == 0)
                {
                    tail = at;
                    if (IsTail(tail, start + bytes.Length))
                    {
                        point.Attributes = _tailAttributes!;
                        return point;
                    }
                }

                switch (tag)
                {
                    case OtlpTags.StartTime: point.Start = cursor.Fixed64(); break;
                    case OtlpTags.Time: point.Time = cursor.Fixed64(); break;
                    case OtlpTags.AsInt: (point.Integer, point.Double) = ((long)cursor.Fixed64(), null); break;
                    case OtlpTags.AsDouble:
                        (point.Integer, point.Double) =
                        (null, BitConverter.UInt64BitsToDouble(cursor.Fixed64())); break;
                    case OtlpTags.PointAttribute: point.Attributes.Add(ReadAttribute(cursor.Bytes(), _around + 5)); break;
                    case OtlpTags.Flags: point.HasNoValue = (cursor.Varint() & 1) != 0; break;
                    default: PassOver(ref cursor, tag, OtlpPart.Point, _around + 4); break;
                }
            }

            Check(cursor, start);
            if (tail is not null) Remember(tail, start + bytes.Length, point.Attributes);
        }

        return point;
    }

    private void Remember(byte* from, byte* end, List<OtlpAttribute> attributes)
    {
        _tail = from;
        _tailLength = (int)(end - from);
        _tailAttributes = attributes;
    }

    private readonly bool IsTail(byte* from, byte* end) => _tail is not null
        && end - from == _tailLength && new ReadOnlySpan<byte>(from, _tailLength).SequenceEqual(new ReadOnlySpan<byte>(_tail, _tailLength));

    private OtlpAttribute ReadAttribute(ReadOnlySpan<byte> bytes, int depth)
    {
        var attribute = new OtlpAttribute("", null, null);
        fixed (byte* start = bytes)
        {
            var cursor = Begin(start, bytes);
            while (cursor.Tag() is var tag and not 0)
            {
                if (tag == OtlpTags.Key) attribute = attribute with { Key = Text(cursor.Bytes()) };
                else if (tag == OtlpTags.Value) ReadValue(cursor.Bytes(), ref attribute, depth + 1);
                else PassOver(ref cursor, tag, OtlpPart.KeyValue, depth);
            }

            Check(cursor, start);
        }

        return attribute;
    }

    private void ReadValue(ReadOnlySpan<byte> bytes, ref OtlpAttribute attribute, int depth)
    {
        fixed (byte* start = bytes)
        {
            var cursor = Begin(start, bytes);
            while (cursor.Tag() is var tag and not 0)
            {
                switch (tag)
                {
                    case OtlpTags.StringValue: attribute = attribute with { Text = Text(cursor.Bytes()), Integer = null }; break;
                    case OtlpTags.IntValue: attribute = attribute with { Text = null, Integer = (long)cursor.Varint() }; break;
                    default:
                        if (OtlpTags.IsOtherValue(tag)) attribute = attribute with { Text = null, Integer = null };
                        PassOver(ref cursor, tag, OtlpPart.Value, depth);
                        break;
                }
            }

            Check(cursor, start);
        }
    }

    private string Text(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes)) return Encoding.UTF8.GetString(bytes);
        problem.Note(OtlpMessages.NotUtf8);
        return "";
    }

    private static WireCursor Begin(byte* start, ReadOnlySpan<byte> bytes) => new(start, start + bytes.Length);

    private readonly void Check(in WireCursor cursor, byte* start)
    {
        if (cursor.Fault != WireFault.None) problem.Note(OtlpMessages.NotProtobuf(cursor.Fault, cursor.Position - start));
    }
}
