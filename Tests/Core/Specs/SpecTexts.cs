namespace Tikr.Tests.Core.Specs;

/// <summary>Spec texts in the shape that the Go server's files have.</summary>
internal static class SpecTexts
{
    public const string Trades = """
        series: trades
        timestamp:
          field: timestamp_ns
          precision: nanosecond

        dimensions:
          - name: symbol
            type: string

        metrics:
          - name: open
            field: price
            type: int64
            aggregation: first
          - name: volume
            field: quantity
            type: uint64
            aggregation: sum
          - name: tick_count
            type: uint64
            aggregation: count

        granularity:
          rollup: 1s

        output:
          kafka:
            topic: bars-1s
            encoding: otlp
            on_failure: drop
        """;

    /// <summary>The shortest spec.</summary>
    public const string Smallest = """
        series: trades
        metrics:
          - name: trades
            aggregation: count
        granularity:
          rollup: 1s
        """;

    /// <summary>Every key, none at its default.</summary>
    public const string Everything = """
        series: trades
        timestamp: {field: t, precision: millisecond}
        dimensions: [{name: venue, type: string}, {name: symbol}]
        metrics:
          - {name: close, field: price, type: int64, aggregation: last, unit: USD, description: "Last price: as traded"}
          - {name: n, field: ignored, type: int64, aggregation: count, otlp: gauge}
        granularity: {rollup: 1m30s, grace: 1.5s}
        late: drop
        dedup: sequence
        missing_field: skip
        unknown_field: reject
        overflow: omit
        limits: {max_keys: 5000, max_dimension_bytes: 64, max_future: 1m}
        output: {kafka: {topic: bars, encoding: json, on_failure: block}}
        """;
}
