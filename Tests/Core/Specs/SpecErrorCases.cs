namespace Tikr.Tests.Core.Specs;

/// <summary>What is wrong in a spec and what is said about it, one case per rule.</summary>
/// <param name="Name">The case.</param>
/// <param name="Text">The file.</param>
/// <param name="Errors">The errors, whole.</param>
internal sealed record SpecErrorCase(string Name, string Text, params string[] Errors);

internal static class SpecErrorCases
{
    private const string Keys = "Known here: series, timestamp, dimensions, metrics, "
        + "granularity, late, dedup, missing_field, unknown_field, overflow, rebuild, limits, output.";
    private const string Units = "Write numbers with units (h, m, s, ms, us, ns), for example 200ms, 1s or 1h30m.";
    private const string Look = "Look at the indentation and the quotes around this line; indent with spaces.";
    private const string Rollup =
        "the duration must be from 1ms to 24h, and buckets start at its multiples since the Unix epoch. Choose a value in this range.";
    private const string Name = "a name has at most 200 bytes, no control characters and no spaces at its ends. Shorten or clean it.";

    public static readonly SpecErrorCase[] All =
    [
        // The form of the file.
        new(
            "tab",
            "series: a\n\tmetrics: []",
            $"specs/a.yaml:1: the file is not valid YAML: While scanning a plain scalar, "
                + $"found a tab character that violate indentation (up to line 2). {Look}"),
        new(
            "unclosed quote",
            "series: 'a",
            $"specs/a.yaml:1: the file is not valid YAML: While scanning a quoted scalar, found unexpected end of stream. {Look}"),
        new(
            "malformed tag",
            "series: !!int] a",
            $"specs/a.yaml:1: the file is not valid YAML: it cannot be read beyond this line. {Look}"),
        new(
            "plain text that stops the scanner",
            "metrics: [a\n%",
            $"specs/a.yaml:1: the file is not valid YAML: it cannot be read beyond this line. {Look}"),
        new(
            "unclosed bracket",
            "series: a\nmetrics: [",
            $"specs/a.yaml:3: the file is not valid YAML: While parsing a node, did not find expected node content. {Look}"),
        new(
            "empty file",
            "",
            "specs/a.yaml: the file declares nothing. Declare a series in it, or remove it."),
        new(
            "only a comment",
            "# nothing\n",
            "specs/a.yaml: the file declares nothing. Declare a series in it, or remove it."),
        new(
            "a list",
            "- a",
            "specs/a.yaml:1: a section with keys is expected here, found a list. Write keys below it, indented."),
        new(
            "a word",
            "market",
            "specs/a.yaml:1: a section with keys is expected here, found a single value. Write keys below it, indented."),
        new(
            "two documents",
            SpecTexts.Smallest + "\n---\nseries: b",
            "specs/a.yaml:7: a file holds one YAML document. Move what follows '---' to a file of its own."),
        new(
            "key twice",
            SpecTexts.Smallest + "\nseries: b",
            "specs/a.yaml:7: series = b: the key is given twice, first on line 1. Keep one of the two."),
        new(
            "inner key twice",
            SpecTexts.Smallest + "\n  rollup: 2s",
            "specs/a.yaml:7: granularity.rollup = 2s: the key is given twice, first on line 6. Keep one of the two."),
        new(
            "key that is a list",
            SpecTexts.Smallest + "\n[late]: drop",
            "specs/a.yaml:7: a key must be a plain word. Write it as 'key: value', or put quotes around a value with braces."),
        new(
            "merge key",
            SpecTexts.Smallest + "\n<<: {late: drop}",
            "specs/a.yaml:7: <<: merge keys ('<<') are not read. Write the keys out."),
        new(
            "unknown alias",
            SpecTexts.Smallest + "\nlate: *policy",
            "specs/a.yaml:7: late = *policy: no anchor of this name is complete "
                + "above this line. Define it with '&' before using it with '*'."),
        new(
            "alias inside itself",
            SpecTexts.Smallest + "\nlimits: &a {max_keys: *a}",
            "specs/a.yaml:7: limits.max_keys = *a: no anchor of this name is complete "
                + "above this line. Define it with '&' before using it with '*'."),
        new(
            "deep nesting",
            SpecTexts.Smallest + "\nlate: " + new string('[', 40) + new string(']', 40),
            $"specs/a.yaml:7: the file is not valid YAML: nesting deeper than 32 levels. {Look}"),

        // Keys and kinds.
        new(
            "slip in a key",
            Edit("aggregation: first", "agregation: first"),
            "specs/a.yaml:14: metrics[0].agregation = first: the key is unknown. Did you mean "
                + "aggregation? Known here: name, field, type, aggregation, unit, description, otlp."),
        new(
            "unknown key",
            Edit("series: trades", "series: trades\ncolour: red"),
            $"specs/a.yaml:2: colour = red: the key is unknown. {Keys}"),
        new(
            "key in the wrong section",
            Edit("series: trades", "series: trades\ngrace: 1s"),
            $"specs/a.yaml:2: grace = 1s: the key is unknown. Did you mean granularity.grace? {Keys}"),
        new(
            "section where a value belongs",
            Edit("rollup: 1s", "rollup: {seconds: 1}"),
            "specs/a.yaml:24: granularity.rollup: a single value is expected here, "
                + "found a section with keys. Write 'key: value' on one line."),
        new(
            "list where a value belongs",
            Edit("series: trades", "series: [trades, quotes]"),
            "specs/a.yaml:1: series: a single value is expected here, found a list. Write 'key: value' on one line."),
        new(
            "value where a section belongs",
            Edit("granularity:\n  rollup: 1s", "granularity: 1s"),
            "specs/a.yaml:23: granularity = 1s: a section with keys is expected "
                + "here, found a single value. Write keys below it, indented."),
        new(
            "value where a list belongs",
            Edit("dimensions:\n  - name: symbol\n    type: string", "dimensions: symbol"),
            "specs/a.yaml:6: dimensions = symbol: a list of sections is expected here, "
                + "found a single value. Begin each entry on its own line with '- '."),
        new(
            "section where a list belongs",
            Edit("  - name: symbol\n    type: string", "  name: symbol"),
            "specs/a.yaml:7: dimensions: a list of sections is expected here, found "
                + "a section with keys. Begin each entry on its own line with '- '."),
        new(
            "words where sections belong",
            Edit("  - name: symbol\n    type: string", "  - symbol\n  -"),
            "specs/a.yaml:7: dimensions[0] = symbol: a section with keys is expected "
                + "here, found a single value. Write keys below it, indented.",
            "specs/a.yaml:8: dimensions[1]: a section with keys is expected here, found nothing. Write keys below it, indented."),

        // Names.
        new(
            "no series",
            Edit("series: trades\n", ""),
            "specs/a.yaml:1: series: a value is required and missing. Give the series a name, for example market_ticks."),
        new(
            "empty series",
            Edit("series: trades", "series:"),
            "specs/a.yaml:1: series: a value is required and missing. Give the series a name, for example market_ticks."),
        new(
            "no dimension name",
            Edit("  - name: symbol\n    type: string", "  - type: string"),
            "specs/a.yaml:7: dimensions[0].name: a value is required and missing. Give the name under which producers send the dimension."),
        new(
            "no metric name",
            Edit("  - name: open\n    field", "  - field"),
            "specs/a.yaml:11: metrics[0].name: a value is required and missing. Give the name that the metric has in bars."),
        new(
            "name with a line break",
            Edit("series: trades", "series: \"a\\nb\""),
            $"specs/a.yaml:1: series = a�b: {Name}"),
        new(
            "name with a space at its end",
            Edit("name: open", "name: 'open '"),
            $"specs/a.yaml:11: metrics[0].name = open : {Name}"),
        new(
            "name too long",
            Edit("series: trades", "series: " + new string('a', 201)),
            $"specs/a.yaml:1: series = aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…: {Name}"),
        new(
            "dimension twice",
            Edit("    type: string", "    type: string\n  - name: symbol"),
            "specs/a.yaml:9: dimensions[1].name = symbol: the dimension is already declared on line 7. Rename one of the two."),
        new(
            "metric twice",
            Edit("name: volume", "name: open"),
            "specs/a.yaml:15: metrics[1].name = open: the metric is already declared on line 11. Rename one of the two."),

        // Metrics.
        new(
            "no metrics",
            SpecTexts.Smallest.Replace("metrics:\n  - name: trades\n    aggregation: count\n", ""),
            "specs/a.yaml:1: metrics: a value is required and missing. Declare "
                + "at least one metric with name, field, type and aggregation."),
        new(
            "empty metrics",
            SpecTexts.Smallest.Replace("metrics:\n  - name: trades\n    aggregation: count\n", "metrics: []\n"),
            "specs/a.yaml:2: metrics: a value is required and missing. Declare "
                + "at least one metric with name, field, type and aggregation."),
        new(
            "unknown aggregation",
            Edit("aggregation: first", "aggregation: median"),
            "specs/a.yaml:14: metrics[0].aggregation = median: one of first, last, min, max, sum, count is expected. Choose one of them."),
        new(
            "aggregation in capitals",
            Edit("aggregation: first", "aggregation: First"),
            "specs/a.yaml:14: metrics[0].aggregation = First: one of first, last, min, max, sum, count is expected. Did you mean first?"),
        new(
            "no aggregation",
            Edit("    aggregation: first\n", ""),
            "specs/a.yaml:11: metrics[0].aggregation: a value is required and missing. Choose first, last, min, max, sum or count."),
        new(
            "unknown type",
            Edit("type: int64", "type: float64"),
            "specs/a.yaml:13: metrics[0].type = float64: one of int64, uint64 is expected. Choose one of them."),
        new(
            "no type",
            Edit("    type: int64\n", ""),
            "specs/a.yaml:11: metrics[0].type: a value is required and missing. "
                + "Write int64 or uint64; only count may leave it out (uint64)."),
        new(
            "no field",
            Edit("    field: price\n", ""),
            "specs/a.yaml:11: metrics[0].field: a value is required and missing. Name "
                + "the field of the tick that the metric reads; only count reads none."),
        new(
            "unknown dimension type",
            Edit("type: string", "type: int64"),
            "specs/a.yaml:8: dimensions[0].type = int64: string is expected, there is no other choice. Write it, or remove the key."),
        new(
            "field of two types",
            Edit("field: quantity", "field: price"),
            "specs/a.yaml:17: metrics[1].type = uint64: field price is read as int64 on line "
                + "13, and a field has one type. Give all metrics of the field the same type."),
        new(
            "sum of what does not add up",
            Edit("    aggregation: first", "    aggregation: first\n    otlp: sum"),
            "specs/a.yaml:15: metrics[0].otlp = sum: values of first do not add up over time, "
                + "so OTLP cannot have them as a sum. Remove the key: such a metric is a gauge."),
        new(
            "slip in a section",
            Edit("granularity:", "granularty:"),
            $"specs/a.yaml:23: granularty: the key is unknown. Did you mean granularity? {Keys}"),
        new(
            "65 metrics",
            "series: s\ngranularity: {rollup: 1s}\nmetrics:\n" + Metrics(65),
            "specs/a.yaml:68: metrics[64].name = m65: a series has at most 64 metrics. Split the series in two."),

        // Durations and limits.
        new(
            "no rollup",
            Edit("  rollup: 1s", "  grace: 1s"),
            "specs/a.yaml:24: granularity.rollup: a value is required and missing. Give the length of a bar, for example 1s."),
        new(
            "no granularity",
            Edit("granularity:\n  rollup: 1s\n", ""),
            "specs/a.yaml:1: granularity.rollup: a value is required and missing. Give the length of a bar, for example 1s."),
        new(
            "rollup 0",
            Edit("rollup: 1s", "rollup: 0s"),
            $"specs/a.yaml:24: granularity.rollup = 0s: {Rollup}"),
        new(
            "rollup negative",
            Edit("rollup: 1s", "rollup: -1s"),
            $"specs/a.yaml:24: granularity.rollup = -1s: {Rollup}"),
        new(
            "rollup under 1ms",
            Edit("rollup: 1s", "rollup: 999us"),
            $"specs/a.yaml:24: granularity.rollup = 999us: {Rollup}"),
        new(
            "rollup over a day",
            Edit("rollup: 1s", "rollup: 25h"),
            $"specs/a.yaml:24: granularity.rollup = 25h: {Rollup}"),
        new(
            "rollup without a unit",
            Edit("rollup: 1s", "rollup: 1"),
            $"specs/a.yaml:24: granularity.rollup = 1: the duration has a number without a unit. {Units}"),
        new(
            "rollup in days",
            Edit("rollup: 1s", "rollup: 1d"),
            $"specs/a.yaml:24: granularity.rollup = 1d: the duration has the unknown unit 'd'. {Units}"),
        new(
            "rollup in words",
            Edit("rollup: 1s", "rollup: second"),
            $"specs/a.yaml:24: granularity.rollup = second: the duration has a unit or a sign where a number belongs. {Units}"),
        new(
            "rollup out of 64 bits",
            Edit("rollup: 1s", "rollup: 9999999h"),
            $"specs/a.yaml:24: granularity.rollup = 9999999h: the duration is longer "
                + $"than a 64-bit count of nanoseconds (about 292 years). {Units}"),
        new(
            "grace negative",
            Edit("rollup: 1s", "rollup: 1s\n  grace: -200ms"),
            "specs/a.yaml:25: granularity.grace = -200ms: the duration must be from 0s to 1h. Choose a value in this range."),
        new(
            "grace over an hour",
            Edit("rollup: 1s", "rollup: 1s\n  grace: 2h"),
            "specs/a.yaml:25: granularity.grace = 2h: the duration must be from 0s to 1h. Choose a value in this range."),
        new(
            "limits out of range",
            SpecTexts.Smallest + "\nlimits:\n  max_keys: -1\n  max_dimension_bytes: 0\n  max_future: 48h",
            "specs/a.yaml:8: limits.max_keys = -1: a whole number from 0 to 4294967295 "
                + "is expected. Write such a number, in decimal digits only.",
            "specs/a.yaml:9: limits.max_dimension_bytes = 0: a whole number from 1 "
                + "to 65536 is expected. Write such a number, in decimal digits only.",
            "specs/a.yaml:10: limits.max_future = 48h: the duration must be from 0s to 24h. Choose a value in this range."),
        new(
            "limit in words",
            SpecTexts.Smallest + "\nlimits:\n  max_keys: 1_000\n  max_dimension_bytes: 1e3",
            "specs/a.yaml:8: limits.max_keys = 1_000: a whole number from 0 to "
                + "4294967295 is expected. Write such a number, in decimal digits only.",
            "specs/a.yaml:9: limits.max_dimension_bytes = 1e3: a whole number from 1 "
                + "to 65536 is expected. Write such a number, in decimal digits only."),

        // Words.
        new(
            "late: route",
            SpecTexts.Smallest + "\nlate: route",
            "specs/a.yaml:7: late = route: late ticks are routed to a topic of their own, and output.kafka.late_topic is missing. Name "
                + "the topic, or use revise (the bar is recomputed and published again) or drop (late ticks are rejected and counted)."),
        new(
            "slips in policies",
            SpecTexts.Smallest + "\nlate: revize\ndedup: yes\nmissing_field: null_\nunknown_field: drop\noverflow: wrap",
            "specs/a.yaml:7: late = revize: one of revise, drop, route is expected. Did you mean revise?",
            "specs/a.yaml:8: dedup = yes: one of none, sequence is expected. Choose one of them.",
            "specs/a.yaml:9: missing_field = null_: one of zero, skip, reject is expected. Choose one of them.",
            "specs/a.yaml:10: unknown_field = drop: one of ignore, reject is expected. Choose one of them.",
            "specs/a.yaml:11: overflow = wrap: one of saturate, omit is expected. Choose one of them."),
        new(
            "unknown precision",
            Edit("precision: nanosecond", "precision: nanoseconds"),
            "specs/a.yaml:4: timestamp.precision = nanoseconds: one of nanosecond, "
                + "microsecond, millisecond is expected. Did you mean nanosecond?"),
        new(
            "bad output",
            Edit("topic: bars-1s\n    encoding: otlp\n    on_failure: drop", "topic: bars 1s\n    encoding: avro\n    on_failure: retry"),
            "specs/a.yaml:28: output.kafka.topic = bars 1s: a Kafka topic has at most 249 characters, "
                + "only letters, digits, '.', '_' and '-', and is neither '.' nor '..'. Rename it.",
            "specs/a.yaml:29: output.kafka.encoding = avro: one of otlp, otlp_resource_metrics, json is expected. Choose one of them.",
            "specs/a.yaml:30: output.kafka.on_failure = retry: one of spool, drop, block is expected. Choose one of them."),
    ];

    public static string Metrics(int count) =>
        string.Concat(Enumerable.Range(1, count).Select(i => $"  - {{name: m{i}, field: f{i}, type: int64, aggregation: max}}\n"));

    private static string Edit(string from, string to)
    {
        Assert.Contains(from, SpecTexts.Trades, StringComparison.Ordinal);
        var at = SpecTexts.Trades.IndexOf(from, StringComparison.Ordinal);
        return SpecTexts.Trades.Remove(at, from.Length).Insert(at, to);
    }
}
