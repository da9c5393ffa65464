using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Tikr.Core.Memory;
using Tikr.Storage;

namespace Tikr.Gateway.Metrics;

/// <summary>
/// The gateway's instruments, on meter <c>tikr</c>. Upstream's names are kept letter by letter; units stand in the names, because
/// an exporter that appends units would change them. Ingest counts per message and per flush, never per tick.
/// </summary>
public sealed class GatewayMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "tikr";

    private static readonly double[] LatencyMs = [0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10000];
    private static readonly int[] BatchSizes = [1, 10, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 50000];

    private readonly Meter _meter;
    private readonly Counter<long> _ticks, _routed, _rejected, _unknownFields, _queries, _queryErrors, _queryRows, _flushedTicks;
    private readonly Counter<long> _closedEarly, _clockSteps, _zeroFilled, _callErrors, _refused;
    private readonly Histogram<double> _flushMs, _queryMs;
    private readonly Histogram<int> _batchSize;
    private readonly ConcurrentDictionary<(string Series, string Reason), TagList> _rejectionTags = new();
    private int _activeStreams;

    /// <summary>Registers the instruments.</summary>
    /// <param name="meters">Where the meter is made.</param>
    /// <param name="store">Sizes to show, if the store tells them.</param>
    public GatewayMetrics(IMeterFactory meters, IStoreStatistics? store = null)
    {
        _meter = meters.Create(MeterName);
        _ticks = _meter.CreateCounter<long>("tikr.ingest.ticks_total", null, "Ticks accepted and durable.");
        _routed = _meter.CreateCounter<long>(
            "tikr.ingest.routed_total", null, "Accepted ticks that were late and went to a topic instead of the store.");
        _rejected = _meter.CreateCounter<long>("tikr.ingest.rejected_total", null, "Ticks refused, by reason.");
        _unknownFields = _meter.CreateCounter<long>("tikr.ingest.unknown_fields_total", null, "Fields that no metric reads.");
        _zeroFilled = _meter.CreateCounter<long>(
            "tikr.ingest.zero_filled_fields_total", null, "Fields that accepted ticks lack and that were stored as 0.");
        _batchSize = Histogram<int>("tikr.ingest.batch_size", "Ticks per message.", BatchSizes);
        _flushMs = Histogram<double>("tikr.ingest.flush_ms", "Milliseconds from the beginning of a flush until it is durable.", LatencyMs);
        _flushedTicks = _meter.CreateCounter<long>("tikr.ingest.flushed_ticks_total", null, "Ticks written to the tick log.");
        _closedEarly = _meter.CreateCounter<long>(
            "tikr.ingest.closed_early_total", null, "Past buckets closed before their time because too many were open.");
        _clockSteps = _meter.CreateCounter<long>("tikr.clock.steps_total", null, "Steps of the wall clock, by direction.");
        _meter.CreateObservableGauge("tikr.ingest.active_streams", () => Volatile.Read(ref _activeStreams), null, "Open ingest streams.");
        _queries = _meter.CreateCounter<long>("tikr.query.requests_total", null, "Queries, by type.");
        _queryErrors = _meter.CreateCounter<long>(
            "tikr.query.errors_total", null, "Queries that ended in an error, by type and status code.");
        _queryRows = _meter.CreateCounter<long>("tikr.query.rows_total", null, "Ticks or bars answered, by type.");
        _queryMs = Histogram<double>("tikr.query.latency_ms", "Milliseconds from the request to the last row.", LatencyMs);
        _callErrors = _meter.CreateCounter<long>(
            "tikr.grpc.errors_total", null, "Calls that ended in an error, by method and status code.");
        _refused = _meter.CreateCounter<long>(
            "tikr.server.refused_total", null, "What was turned away to protect the server, by reason.");
        if (store is not null) _meter.CreateObservableGauge(
            "tikr.store.size", () => ReadSizes(store), null, "Sizes (bytes) and counts of the store, by name.");
    }

    /// <summary>Counts accepted ticks once they are durable.</summary>
    public void TicksAccepted(string series, long ticks) => _ticks.Add(ticks, new KeyValuePair<string, object?>("series", series));

    /// <summary>Counts refused ticks.</summary>
    public void TicksRejected(string series, string reason, long ticks) =>
        _rejected.Add(ticks, _rejectionTags.GetOrAdd((series, reason),
            static key => new TagList { { "series", key.Series }, { "reason", key.Reason } }));

    /// <summary>Counts late ticks that go to a topic instead of the store.</summary>
    public void TicksRouted(string series, long ticks) => _routed.Add(ticks, new KeyValuePair<string, object?>("series", series));

    /// <summary>Counts fields that were ignored.</summary>
    public void UnknownFields(string series, long fields) =>
        _unknownFields.Add(fields, new KeyValuePair<string, object?>("series", series));

    /// <summary>Counts fields that were taken as 0.</summary>
    public void ZeroFilled(string series, string field, long ticks) => _zeroFilled.Add(
        ticks, new KeyValuePair<string, object?>("series", series), new KeyValuePair<string, object?>("field", field));

    /// <summary>Records the size of one message.</summary>
    public void MessageReceived(int ticks) => _batchSize.Record(ticks);

    /// <summary>Records one flush that has become durable.</summary>
    public void Flushed(TimeSpan elapsed, long ticks)
    {
        _flushMs.Record(elapsed.TotalMilliseconds);
        _flushedTicks.Add(ticks);
    }

    /// <summary>Counts past buckets that were closed before their time.</summary>
    public void ClosedEarly(int buckets) => _closedEarly.Add(buckets);

    /// <summary>Counts a step of the wall clock.</summary>
    public void ClockStepped(bool forward) =>
        _clockSteps.Add(1, new KeyValuePair<string, object?>("direction", forward ? "forward" : "back"));

    /// <summary>An ingest stream began.</summary>
    public void StreamOpened() => Interlocked.Increment(ref _activeStreams);

    /// <summary>An ingest stream ended.</summary>
    public void StreamClosed() => Interlocked.Decrement(ref _activeStreams);

    /// <summary>Shows what the ingest path holds in memory; called once by its owner.</summary>
    /// <param name="keys">Keys interned.</param>
    /// <param name="buckets">Buckets with ticks that no stored bar is known to cover.</param>
    public void ShowMemory(Func<long> keys, Func<long> buckets)
    {
        _meter.CreateObservableGauge("tikr.ingest.interned_keys", keys, null, "Keys held in memory by the gateway.");
        _meter.CreateObservableGauge(
            "tikr.ingest.uncovered_buckets", buckets, null, "Buckets with ticks that no stored bar is known to cover.");
    }

    /// <summary>Shows the parts of the memory that clients may take; called once by its owner.</summary>
    public void ShowMemory(MemoryBudget budget)
    {
        ArgumentNullException.ThrowIfNull(budget);
        _meter.CreateObservableGauge(
            "tikr.server.memory_used_bytes", () => Read(part => part.UsedBytes), null, "Memory that clients take, by part.");
        _meter.CreateObservableGauge(
            "tikr.server.memory_limit_bytes", () => Read(part => part.LimitBytes), null, "Memory that clients may take, by part.");

        IEnumerable<Measurement<long>> Read(Func<MemoryPart, long> value) => budget.Parts.Select(
            part => new Measurement<long>(value(part), new KeyValuePair<string, object?>("part", part.Name)));
    }

    /// <summary>Counts a call that ended in an error.</summary>
    public void CallFailed(string method, string code) =>
        _callErrors.Add(1, new KeyValuePair<string, object?>("method", method), new KeyValuePair<string, object?>("code", code));

    /// <summary>Counts what was turned away to protect the server.</summary>
    public void Refused(string reason) => _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <summary>Records a query that ended well.</summary>
    public void QueryEnded(string type, TimeSpan elapsed, long rows)
    {
        var tag = new KeyValuePair<string, object?>("type", type);
        _queries.Add(1, tag);
        _queryMs.Record(elapsed.TotalMilliseconds, tag);
        _queryRows.Add(rows, tag);
    }

    /// <summary>Counts a query that ended in an error.</summary>
    public void QueryFailed(string type, string code) =>
        _queryErrors.Add(1, new KeyValuePair<string, object?>("type", type), new KeyValuePair<string, object?>("code", code));

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> ReadSizes(IStoreStatistics store) =>
        store.Read().Select(item => new Measurement<long>(item.Value, new KeyValuePair<string, object?>("name", item.Key)));

    private Histogram<T> Histogram<T>(string name, string description, T[] bounds)
        where T : struct =>
            _meter.CreateHistogram(name, null, description, null, new InstrumentAdvice<T> { HistogramBucketBoundaries = bounds });
}
