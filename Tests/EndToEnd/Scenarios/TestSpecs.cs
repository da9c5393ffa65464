namespace Tikr.Tests.EndToEnd.Scenarios;

/// <summary>Specs for what the shipped ones do not ask for.</summary>
internal static class TestSpecs
{
    public const string Collision = "two_part_key", Extremes = "extremes", Omitting = "omitting", Strict = "strict", Skipping = "skipping";

    /// <summary>The shipped market spec with those of the bad-input table.</summary>
    public static Dictionary<string, string> All => new()
    {
        ["market_ticks.yaml"] = File.ReadAllText(Path.Combine(Repository.Specs, "market_ticks.yaml")),
        ["two_part_key.yaml"] = """
            series: two_part_key
            dimensions:
              - name: symbol
              - name: venue
            metrics:
              - name: total
                field: value
                type: int64
                aggregation: sum
            granularity:
              rollup: 1s
            """,
        ["extremes.yaml"] = Wide(Extremes, "overflow: saturate"),
        ["omitting.yaml"] = Wide(Omitting, "overflow: omit"),
        ["strict.yaml"] = Wide(Strict, "missing_field: reject", "unknown_field: reject"),
        ["skipping.yaml"] = Wide(Skipping, "missing_field: skip"),
    };

    private static string Wide(string series, params string[] policies) => $"""
        series: {series}
        dimensions:
          - name: key
            type: string
        metrics:
        {Metric("s_first", "s", "int64", "first")}
        {Metric("s_last", "s", "int64", "last")}
        {Metric("s_min", "s", "int64", "min")}
        {Metric("s_max", "s", "int64", "max")}
        {Metric("s_sum", "s", "int64", "sum")}
        {Metric("u_min", "u", "uint64", "min")}
        {Metric("u_max", "u", "uint64", "max")}
        {Metric("u_sum", "u", "uint64", "sum")}
        granularity:
          rollup: 1s
        {string.Join("\n", policies)}
        """;

    private static string Metric(string name, string field, string type, string aggregation) =>
        $"  - name: {name}\n    field: {field}\n    type: {type}\n    aggregation: {aggregation}";
}
