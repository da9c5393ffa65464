using System.Globalization;

namespace Tikr.Core.Otlp.Reading;

/// <summary>A bar as far as its data points have been read.</summary>
internal sealed class BarParts
{
    private const string TickCountName = "tick_count";

    private readonly string _series;
    private readonly ReadProblem _problem;
    private readonly Dictionary<string, string> _dimensions = [];
    private readonly Dictionary<string, Int128> _metrics = [];
    private readonly List<OtlpAttribute> _attributes;
    private readonly ulong _start, _time;
    private Int128? _ticks;
    private long? _first, _last, _revision, _granularity;

    /// <summary>Begins with the times and attributes of any of its points.</summary>
    public BarParts(string series, OtlpPoint point, ReadProblem problem)
    {
        _series = series;
        _problem = problem;
        _attributes = point.Attributes;
        _start = point.Start;
        _time = point.Time;
        if (_start > long.MaxValue || _time > long.MaxValue) problem.Note(OtlpMessages.TimeOutOfRange(Math.Max(_start, _time)));
        foreach (var (name, text, integer) in point.Attributes)
        {
            var value = text ?? integer?.ToString(CultureInfo.InvariantCulture);
            if (value is null) problem.Note(OtlpMessages.DimensionNotText(name));
            else if (!_dimensions.TryAdd(name, value)) problem.Note(OtlpMessages.DimensionTwice(name));
        }
    }

    /// <summary>Whether a point is seen at a glance to be of this bar; false says nothing.</summary>
    public bool Takes(string series, OtlpPoint point) =>
        point.Start == _start && point.Time == _time && ReferenceEquals(point.Attributes, _attributes) && series == _series;

    public void Add(OtlpMetric metric, OtlpPoint point)
    {
        if (metric.Name.Length <= _series.Length + 1 || metric.Name[_series.Length] != '.'
            || !metric.Name.StartsWith(_series, StringComparison.Ordinal))
        {
            _problem.Note(OtlpMessages.ForeignMetric(metric.Name, _series));
            return;
        }

        var name = metric.Name[(_series.Length + 1)..];
        if (ValueOf(metric, point) is not { } value) return;
        if (!_metrics.TryAdd(name, value)) _problem.Note(OtlpMessages.MetricTwice(metric.Name));
        if (metric.MetadataOf(BarMetadata.FirstTimestamp) is { } first)
        {
            (_ticks, _first) = (value, first);
            _last = metric.MetadataOf(BarMetadata.LastTimestamp);
            _revision = metric.MetadataOf(BarMetadata.Revision);
            _granularity = metric.MetadataOf(BarMetadata.Granularity);
        }
        else if (name == TickCountName)
        {
            _ticks ??= value;
        }
    }

    public PublishedBar ToBar()
    {
        var (start, end) = Bucket();
        if (_ticks is not { } ticks || ticks < 0 || ticks > long.MaxValue) _problem.Note(OtlpMessages.NoTickCount(_series));
        if (_revision is < 0 or > int.MaxValue) _problem.Note(OtlpMessages.BadRevision(_revision.Value));
        if (_problem.Text is not null) return null!;
        return new PublishedBar
        {
            Series = _series,
            Dimensions = _dimensions,
            BucketStart = start,
            BucketEnd = end,
            FirstTimestamp = _first ?? 0,
            LastTimestamp = _last ?? 0,
            TickCount = (long)_ticks!,
            Revision = (int)(_revision ?? 0),
            Metrics = _metrics,
        };
    }

    // Upstream's own form has the time of the first tick as start, and the bucket start, which is not after it, as time.
    private (long Start, long End) Bucket()
    {
        var (start, time) = ((long)_start, (long)_time);
        if (_granularity is { } length)
        {
            if (length <= 0 || time > long.MaxValue - length) _problem.Note(OtlpMessages.BadGranularity(length));
            return (time, unchecked(time + length));
        }

        if (start < time) return (start, time);
        _first ??= start;
        return (time, time);
    }

    private Int128? ValueOf(OtlpMetric metric, OtlpPoint point)
    {
        if (point.Integer is { } integer) return integer;
        if (metric.MetadataOf(BarMetadata.Bits) is { } bits) return (ulong)bits;
        if (point.Double is { } number && Math.Floor(number) == number && number is >= long.MinValue and < 18446744073709551616.0)
            return (Int128)number;
        _problem.Note(OtlpMessages.NoWholeValue(metric.Name));
        return null;
    }
}
