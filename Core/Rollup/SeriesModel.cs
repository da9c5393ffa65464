using System.Collections.Immutable;
using System.Text;
using Tikr.Core.Specs;

namespace Tikr.Core.Rollup;

/// <summary>
/// A spec made ready to run: fields resolved to columns, metrics to aggregates with their place in the bar's state.
/// Immutable and shared by gateway, grains and recompute, so that all of them fold ticks alike.
/// </summary>
public sealed class SeriesModel
{
    private const int Ticks = 0, FirstTime = 1, LastTime = 2, Header = 3;

    /// <summary>Compiles a spec.</summary>
    public SeriesModel(SeriesSpec spec)
    {
        Spec = spec;
        var fields = spec.Metrics.Where(m => m.Field is not null && AggregateRegistry.Of(m.Aggregation).ReadsField)
            .DistinctBy(m => m.Field)
            .Select(m => new FieldColumn(m.Field!, Encoding.UTF8.GetBytes(m.Field!), m.Type)).ToImmutableArray();
        Fields = fields;
        var offset = Header;
        var metrics = ImmutableArray.CreateBuilder<MetricModel>(spec.Metrics.Length);
        foreach (var metric in spec.Metrics)
        {
            var aggregation = AggregateRegistry.Of(metric.Aggregation);
            var field = aggregation.ReadsField ? IndexOf(fields, metric.Field!) : -1;
            var input = new AggregateInput(field, metric.Type, spec.Overflow == OverflowPolicy.Omit);
            var model = new MetricModel(metric.Name, aggregation.Create(input), offset);
            offset += model.Aggregate.StateLength;
            metrics.Add(model);
        }

        Metrics = metrics.MoveToImmutable();
        StateLength = offset;
        TracksPresence = spec.MissingField == MissingFieldPolicy.Skip;
        BarDefinition = DefinitionOf(spec);
    }

    private SeriesModel(SeriesModel model)
    {
        Spec = model.Spec;
        Fields = model.Fields;
        Metrics = model.Metrics;
        StateLength = model.StateLength;
        TracksPresence = model.TracksPresence;
        BarDefinition = model.BarDefinition;
    }

    /// <summary>The same with the store's numbers of its fields.</summary>
    /// <exception cref="ArgumentException">There is not one number for each field.</exception>
    public SeriesModel WithFieldIds(IReadOnlyCollection<ushort> fieldIds)
    {
        ArgumentNullException.ThrowIfNull(fieldIds);
        if (fieldIds.Count != Fields.Length)
            throw new ArgumentException(
                $"Series '{Name}' has {Fields.Length} fields, but {fieldIds.Count} numbers were given.", nameof(fieldIds));
        return new SeriesModel(this) { FieldIds = [.. fieldIds] };
    }

    /// <summary>The spec this was made from.</summary>
    public SeriesSpec Spec { get; }

    /// <summary>Series name.</summary>
    public string Name => Spec.Series;

    /// <summary>Distinct fields that metrics read, in order of first use: the columns of a tick.</summary>
    public ImmutableArray<FieldColumn> Fields { get; }

    /// <summary>
    /// The store's number for each field, in their order; blocks name their columns by it. Empty until the store has numbered them.
    /// </summary>
    public ushort[] FieldIds { get; private init; } = [];

    /// <summary>Metrics in the order of the spec.</summary>
    public ImmutableArray<MetricModel> Metrics { get; }

    /// <summary>Longs in the state of one bar.</summary>
    public int StateLength { get; }

    /// <summary>Whether ticks may lack fields (missing_field: skip).</summary>
    public bool TracksPresence { get; }

    /// <summary>
    /// All that decides what bars the stored ticks make, as text that stores keep: granularity, metrics in any order, policies. Two models
    /// of one text make the same bars of the same ticks.
    /// </summary>
    public string BarDefinition { get; }

    /// <summary>Start of the bucket of an event time (not negative), Unix nanoseconds.</summary>
    public long BucketOf(long time) => time - (time % Spec.RollupNs);

    /// <summary>Start of the first bucket that begins at a time or later.</summary>
    public long FirstBucketFrom(long time)
    {
        var bucket = BucketOf(time);
        return bucket == time ? time : EndOf(bucket);
    }

    /// <summary>End of a bucket, which is also when its grace begins.</summary>
    public long EndOf(long bucketStart) => bucketStart + Spec.RollupNs;

    /// <summary>When a bucket's bar is due: bucket end + grace.</summary>
    public long DueOf(long bucketStart) => bucketStart + Spec.RollupNs + Spec.GraceNs;

    /// <summary>Bytes that a tick takes in columns.</summary>
    public int TickBytes => sizeof(long) + sizeof(uint) + (sizeof(long) * (Fields.Length + (TracksPresence ? 1 : 0)));

    /// <summary>Columns that fit this series.</summary>
    public Ticks.TickColumns NewColumns() => new(Fields.Length, TracksPresence);

    /// <summary>An empty bar state.</summary>
    public long[] NewState() => new long[StateLength];

    /// <summary>Ticks that a state holds; 0 when empty.</summary>
    public static long TicksIn(ReadOnlySpan<long> state) => state[Ticks];

    /// <summary>Folds a run of ticks of one bucket into the state of its bar: the one place where a tick becomes part of a bar.</summary>
    public void Add(Span<long> state, in TickRun run)
    {
        var times = run.Times;
        AddHeader(state, run.Count, times[0], times[^1]);
        foreach (var metric in Metrics) metric.Aggregate.Add(state.Slice(metric.Offset, metric.Aggregate.StateLength), run);
    }

    /// <summary>Merges another state of the same bucket.</summary>
    public void Merge(Span<long> state, ReadOnlySpan<long> other)
    {
        if (other[Ticks] == 0) return;
        AddHeader(state, other[Ticks], other[FirstTime], other[LastTime]);
        foreach (var metric in Metrics)
        {
            var length = metric.Aggregate.StateLength;
            metric.Aggregate.Merge(state.Slice(metric.Offset, length), other.Slice(metric.Offset, length));
        }
    }

    /// <summary>The bar of a state that holds at least one tick.</summary>
    /// <param name="state">The state.</param>
    /// <param name="bucketStart">Bucket start, Unix nanoseconds.</param>
    /// <param name="overflows">Number of metrics whose exact value did not fit their type.</param>
    public Bar ToBar(ReadOnlySpan<long> state, long bucketStart, out int overflows)
    {
        var values = new long[Metrics.Length];
        ulong present = 0;
        overflows = 0;
        for (var i = 0; i < Metrics.Length; i++)
        {
            var metric = Metrics[i];
            var has = metric.Aggregate.TryWrite(
                state.Slice(metric.Offset, metric.Aggregate.StateLength), out var value, out var overflowed);
            if (overflowed) overflows++;
            if (!has) continue;
            values[i] = value;
            present |= 1UL << i;
        }

        return new Bar
        {
            BucketStart = bucketStart,
            FirstTimestamp = state[FirstTime],
            LastTimestamp = state[LastTime],
            TickCount = state[Ticks],
            Values = values,
            Present = present,
        };
    }

    private static string DefinitionOf(SeriesSpec spec)
    {
        var metrics = spec.Metrics.Select(m => $"{m.Name}={m.Aggregation}({m.Field}:{m.Type.Word})").Order(StringComparer.Ordinal);
        // What a policy rejects is not stored: "reject" makes the same bars of what is as "zero" does.
        var missing = spec.MissingField == MissingFieldPolicy.Skip ? "skip" : "zero";
        return $"rollup={spec.RollupNs} dedup={spec.Dedup} missing_field={missing} overflow={spec.Overflow} "
            + string.Join(' ', metrics);
    }

    private static void AddHeader(Span<long> state, long ticks, long first, long last)
    {
        var empty = state[Ticks] == 0;
        state[Ticks] += ticks;
        if (empty || first < state[FirstTime]) state[FirstTime] = first;
        if (empty || last > state[LastTime]) state[LastTime] = last;
    }

    private static int IndexOf(ImmutableArray<FieldColumn> fields, string name)
    {
        for (var i = 0; i < fields.Length; i++)
        {
            if (fields[i].Name == name) return i;
        }

        throw new ArgumentException($"Field '{name}' is not a column.", nameof(name));
    }
}

/// <summary>A field of the ticks as a column.</summary>
/// <param name="Name">Name in ticks.</param>
/// <param name="Utf8">The same name as it stands on the wire.</param>
/// <param name="Type">Type of its values.</param>
public sealed record FieldColumn(string Name, byte[] Utf8, FieldType Type);

/// <summary>A metric made ready to run.</summary>
/// <param name="Name">Name in bars.</param>
/// <param name="Aggregate">Its aggregation.</param>
/// <param name="Offset">Where its state begins in the state of the bar.</param>
public sealed record MetricModel(string Name, Aggregate Aggregate, int Offset);
