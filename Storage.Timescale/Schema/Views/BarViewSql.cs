using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Storage.Timescale.Catalog;

namespace Tikr.Storage.Timescale.Schema.Views;

/// <summary>The query behind the view of the bars of one granularity.</summary>
internal sealed class BarViewSql
{
    private readonly string _schema, _table;
    private readonly TimeSpan _ttl;
    private readonly TableNames _tables;
    private readonly StoredSeries _record;
    private readonly (MetricSpec Spec, MetricRecord Record)[] _metrics;
    private readonly (string Source, ViewColumn Column)[] _fixed;

    /// <param name="series">The series.</param>
    /// <param name="schema">The schema, quoted.</param>
    /// <param name="ttl">How long bars are kept.</param>
    /// <param name="rollupNs">The granularity.</param>
    /// <param name="present">Columns that the table of bars has: that of an earlier granularity lacks the metrics that came later.</param>
    public BarViewSql(TimescaleSeries series, string schema, TimeSpan ttl, long rollupNs, HashSet<string> present)
    {
        _schema = schema;
        _ttl = ttl;
        _tables = series.Names;
        _table = series.Names.Bars(rollupNs);
        _record = series.Record;
        _metrics =
        [
            .. series.Series.Model.Spec.Metrics.Select(spec => (spec, series.Record.Metrics.First(m => m.Is(spec))))
                .Where(m => present.Contains(m.Item2.Column)),
        ];
        Columns = ViewColumns.OfBars(series.Record, _metrics);
        Bucket = Columns.Fixed("bucket", "Start of the bucket, UTC, cut to the microsecond; bucket_ns is exact");
        KeyId = Columns.Fixed("key_id", "Number of the key: of these dimension values together");
        _fixed =
        [
            // A metric of this name that counts is this very number.
            .. _metrics.Any(m => m.Spec.Name == "tick_count" && AggregateRegistry.Of(m.Spec.Aggregation).IsTickCount)
                ? Array.Empty<(string, ViewColumn)>()
                : [("b.tick_count", Columns.Fixed("tick_count", "Ticks in the bar"))],
            ("b.first_ns", Columns.Fixed("first_timestamp_ns", "Least event time of its ticks, Unix nanoseconds")),
            ("b.last_ns", Columns.Fixed("last_timestamp_ns", "Greatest event time of its ticks, Unix nanoseconds")),
            ("b.rev", Columns.Fixed("revision", "0 when first stored, one more for each change")),
            ("b.bucket_ns", Columns.Fixed("bucket_ns", "Start of the bucket, Unix nanoseconds")),
            ("b.key_id", KeyId),
        ];
    }

    public ViewColumns Columns { get; }

    public ViewColumn Bucket { get; }

    public ViewColumn KeyId { get; }

    /// <summary>All columns, in the order of the view.</summary>
    public IEnumerable<ViewColumn> All => [Bucket, .. Columns.Dimensions, .. Columns.Values, .. _fixed.Select(f => f.Column)];

    /// <summary>Every bar that has not expired.</summary>
    public string Query
    {
        get
        {
            var dimensions = _record.Dimensions.Zip(Columns.Dimensions, (d, c) => $", k.{Sql.Quote(d.Column)} AS {c.Quoted}");
            var metrics = _metrics.Zip(Columns.Values, (m, c) => $",\n    {Metric(m.Record)} AS {c.Quoted}");
            var others = _fixed.Select(f => $",\n    {f.Source} AS {f.Column.Quoted}");
            return $"""
                SELECT b.bucket AS {Bucket.Quoted}{string.Concat(dimensions)}{string.Concat(metrics)}{string.Concat(others)}
                FROM {_table} AS b JOIN {_tables.Keys} AS k ON k.key_id = b.key_id
                WHERE {Expiry.Chunks("b.bucket", _ttl)} AND b.bucket_ns >= {Expiry.BarsNs(_schema)}
                """;
        }
    }

    private static string Metric(MetricRecord metric) => metric.Type.Number("b." + Sql.Quote(metric.Column));
}
