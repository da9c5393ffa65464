using System.Collections.Immutable;
using System.Numerics;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;

namespace Tikr.Core.Otlp;

/// <summary>What a series' bars look like in OTLP, whatever their values: the metrics in the order in which they are written.</summary>
internal sealed class BarShape
{
    private const string TickCountName = "tick_count";

    // Metrics that have doubles among their values.
    private readonly ulong _withDoubles;

    public BarShape(SeriesSpec spec, BarEncoding encoding, string serviceName)
    {
        Spec = spec;
        Encoding = encoding;
        ServiceName = serviceName;
        var metrics = spec.Metrics.Select((metric, i) => new MetricShape(
            NameOf(metric.Name), i, metric.Type, KindOf(metric), metric.Unit, metric.Description)).ToList();
        var carrier = FindTickCount(spec, encoding);
        if (carrier < 0)
        {
            carrier = metrics.Count;
            var kind = AllGauges ? OtlpKind.Gauge : OtlpKind.Counter;
            metrics.Add(
                new MetricShape(NameOf(FreeName(spec)), MetricShape.TickCount, FieldType.Int64, kind, "{tick}", "Ticks in the bar"));
        }

        metrics[carrier] = metrics[carrier] with { IsCarrier = true };
        // Upstream writes its metrics by name.
        Metrics = encoding == BarEncoding.OtlpResourceMetrics
            ? [.. metrics.OrderBy(metric => metric.Name, StringComparer.Ordinal)]
            : [.. metrics];
        AllMetrics = spec.Metrics.Length == 64 ? ulong.MaxValue : (1UL << spec.Metrics.Length) - 1;
        // In upstream's form every value is its bits, as in tikr.v1.
        if (!AllGauges) _withDoubles = spec.Metrics.Select((metric, i) => metric.Type.HasDoubles() ? 1UL << i : 0)
            .Aggregate(0UL, (all, bit) => all | bit);
    }

    public SeriesSpec Spec { get; }

    public BarEncoding Encoding { get; }

    public string ServiceName { get; }

    public ImmutableArray<MetricShape> Metrics { get; }

    /// <summary>A bit for every metric of the spec.</summary>
    public ulong AllMetrics { get; }

    /// <summary>Whether the form is upstream's: all gauges, start = first tick, time = bucket start.</summary>
    public bool AllGauges => Encoding == BarEncoding.OtlpResourceMetrics;

    /// <summary>Length of the bucket, in the form that does not show it in its times.</summary>
    public long? StatedGranularity => AllGauges ? Spec.RollupNs : null;

    /// <summary>start_time_unix_nano of all points of a bar.</summary>
    public long StartOf(Bar bar) => AllGauges ? bar.FirstTimestamp : bar.BucketStart;

    /// <summary>time_unix_nano of all points of a bar.</summary>
    public long TimeOf(Bar bar) => AllGauges ? bar.BucketStart : bar.BucketStart + Spec.RollupNs;

    /// <summary>Metrics of a bar whose values are written as doubles.</summary>
    public ulong DoublesOf(Bar bar)
    {
        ulong doubles = 0;
        for (var left = bar.Present & _withDoubles; left != 0; left &= left - 1)
        {
            var i = BitOperations.TrailingZeroCount(left);
            if (Spec.Metrics[i].Type.IsDouble(bar.Values[i])) doubles |= 1UL << i;
        }

        return doubles;
    }

    // Terms of a signed field may be negative, so that its sums are not monotonic unless the spec says so.
    private OtlpKind KindOf(MetricSpec metric)
    {
        var aggregation = AggregateRegistry.Of(metric.Aggregation);
        if (AllGauges || !aggregation.IsAdditive) return OtlpKind.Gauge;
        var neverFalls = metric.Type.Least >= 0 || aggregation.IsTickCount;
        return metric.Otlp ?? (neverFalls ? OtlpKind.Counter : OtlpKind.Sum);
    }

    // Consumers of upstream's form look for tick_count by name; elsewhere any count of the spec is the tick count.
    private static int FindTickCount(SeriesSpec spec, BarEncoding encoding)
    {
        var named = IndexOf(spec, metric => metric.Name == TickCountName);
        if (named >= 0 && IsTickCount(spec.Metrics[named])) return named;
        return encoding == BarEncoding.OtlpResourceMetrics && named < 0 ? -1 : IndexOf(spec, IsTickCount);
    }

    private static bool IsTickCount(MetricSpec metric) => AggregateRegistry.Of(metric.Aggregation).IsTickCount;

    private static int IndexOf(SeriesSpec spec, Func<MetricSpec, bool> matches)
    {
        for (var i = 0; i < spec.Metrics.Length; i++)
        {
            if (matches(spec.Metrics[i])) return i;
        }

        return -1;
    }

    private static string FreeName(SeriesSpec spec)
    {
        var name = TickCountName;
        while (spec.Metrics.Any(metric => metric.Name == name)) name = "bar_" + name;
        return name;
    }

    private string NameOf(string metric) => $"{Spec.Series}.{metric}";
}

/// <summary>One metric of a series in OTLP.</summary>
/// <param name="Name">series.metric.</param>
/// <param name="Index">Index in the spec, or <see cref="TickCount"/>.</param>
/// <param name="Type">Type of its values.</param>
/// <param name="Kind">How it is presented.</param>
/// <param name="Unit">Unit, if given.</param>
/// <param name="Description">Description, if given.</param>
internal sealed record MetricShape(string Name, int Index, FieldType Type, OtlpKind Kind, string? Unit, string? Description)
{
    /// <summary>Index of the tick count that no metric of the spec holds.</summary>
    public const int TickCount = -1;

    /// <summary>Whether this metric, which is in every bar, carries the bar's metadata.</summary>
    public bool IsCarrier { get; init; }

    /// <summary>Whether a bar of this form has it. The carrier is in every bar.</summary>
    public bool IsIn(BarForm form) => IsCarrier || (form.Present >> Index & 1) != 0;

    /// <summary>Whether a bar of this form has its value as a double.</summary>
    public bool IsDoubleIn(BarForm form) => Index >= 0 && (form.Doubles >> Index & 1) != 0;
}
