using CsCheck;
using Tikr.Core.Configuration;
using Tikr.Core.Specs;

namespace Tikr.Tests.Core.Specs;

public sealed class SpecParserTests
{
    [Fact]
    public void A_file_of_the_Go_server_loads_unchanged()
    {
        var spec = Load(SpecTexts.Trades);
        Assert.Equal("trades", spec.Series);
        Assert.Equal("timestamp_ns", spec.TimestampField);
        Assert.Equal(TimestampPrecision.Nanosecond, spec.Precision);
        Assert.Equal([new DimensionSpec("symbol")], spec.Dimensions);
        Assert.Equal(
            [
                new MetricSpec("open", "price", FieldType.Int64, "first"),
                new MetricSpec("volume", "quantity", FieldType.UInt64, "sum"),
                new MetricSpec("tick_count", null, FieldType.UInt64, "count"),
            ],
            spec.Metrics);
        Assert.Equal((1_000_000_000, "1s"), (spec.RollupNs, spec.RollupText));
        Assert.Equal(new KafkaOutputSpec("bars-1s", "otlp", FailurePolicy.Drop), spec.Kafka);
        Assert.Equal("trades.yaml", spec.Source);
    }

    [Fact]
    public void Absent_keys_take_their_defaults()
    {
        var spec = Load(SpecTexts.Smallest);
        Assert.Null(spec.TimestampField);
        Assert.Equal(TimestampPrecision.Nanosecond, spec.Precision);
        Assert.Empty(spec.Dimensions);
        Assert.Equal([new MetricSpec("trades", null, FieldType.UInt64, "count")], spec.Metrics);
        Assert.Equal(200_000_000, spec.GraceNs);
        Assert.Equal(
            (LatePolicy.Revise, DedupPolicy.None, MissingFieldPolicy.Zero, UnknownFieldPolicy.Ignore, OverflowPolicy.Saturate),
            (spec.Late, spec.Dedup, spec.MissingField, spec.UnknownField, spec.Overflow));
        Assert.Equal((0, 1024, 10_000_000_000), (spec.MaxKeys, spec.MaxDimensionBytes, spec.MaxFutureNs));
        Assert.Null(spec.Kafka);
    }

    [Fact]
    public void Every_key_is_read()
    {
        var spec = Load(SpecTexts.Everything);
        Assert.Equal(("t", TimestampPrecision.Millisecond), (spec.TimestampField, spec.Precision));
        Assert.Equal([new DimensionSpec("venue"), new DimensionSpec("symbol")], spec.Dimensions);
        Assert.Equal(new MetricSpec("close", "price", FieldType.Int64, "last", "USD", "Last price: as traded"), spec.Metrics[0]);
        Assert.Equal(new MetricSpec("n", null, FieldType.Int64, "count") { Otlp = OtlpKind.Gauge }, spec.Metrics[1]);
        Assert.Equal((90_000_000_000, "1m30s", 1_500_000_000), (spec.RollupNs, spec.RollupText, spec.GraceNs));
        Assert.Equal(
            (LatePolicy.Drop, DedupPolicy.Sequence, MissingFieldPolicy.Skip, UnknownFieldPolicy.Reject, OverflowPolicy.Omit),
            (spec.Late, spec.Dedup, spec.MissingField, spec.UnknownField, spec.Overflow));
        Assert.Equal((5000, 64, 60_000_000_000), (spec.MaxKeys, spec.MaxDimensionBytes, spec.MaxFutureNs));
        Assert.Equal(new KafkaOutputSpec("bars", "json", FailurePolicy.Block), spec.Kafka);
    }

    [Theory]
    [InlineData("late: ")]
    [InlineData("late: ''")]
    [InlineData("late: ~")]
    [InlineData("late: null")]
    [InlineData("limits:")]
    [InlineData("limits: {}")]
    [InlineData("limits: {max_keys: }")]
    [InlineData("dimensions:")]
    [InlineData("dimensions: []")]
    [InlineData("output: {kafka: {topic: '', encoding: json}}")]
    public void A_key_without_a_value_counts_as_absent(string line)
    {
        var spec = Load(SpecTexts.Smallest + "\n" + line);
        Assert.Equal((LatePolicy.Revise, 0), (spec.Late, spec.MaxKeys));
        Assert.Null(spec.Kafka);
        Assert.Empty(spec.Dimensions);
    }

    [Fact]
    public void The_smallest_and_largest_values_are_allowed()
    {
        var least = Load(SpecTexts.Smallest.Replace("1s", "1ms")
            + "\n  grace: 0\nlimits: {max_keys: 0, max_dimension_bytes: 1, max_future: 0s}");
        Assert.Equal((1_000_000, 0, 0, 1, 0), (least.RollupNs, least.GraceNs, least.MaxKeys, least.MaxDimensionBytes, least.MaxFutureNs));
        var most = Load(SpecTexts.Smallest.Replace("1s", "24h")
            + "\n  grace: 1h\nlimits: {max_keys: 4294967295, max_dimension_bytes: 65536, max_future: 24h}");
        Assert.Equal((86_400_000_000_000, 3_600_000_000_000), (most.RollupNs, most.GraceNs));
        Assert.Equal((4_294_967_295, 65_536, 86_400_000_000_000), (most.MaxKeys, most.MaxDimensionBytes, most.MaxFutureNs));
    }

    [Fact]
    public void A_bar_must_be_shorter_than_the_life_of_its_ticks()
    {
        SpecFile[] hourly = [new("trades.yaml", SpecTexts.Smallest.Replace("1s", "1h"))];
        Assert.True(SpecParser.Parse(hourly).Ok);
        Assert.True(SpecParser.Parse(hourly, TimeSpan.FromHours(2)).Ok);
        Assert.Equal(
            "trades.yaml:6: granularity.rollup = 1h: a bar must be shorter than the life of its ticks, storage.ticks.ttl = 1h. "
            + "Shorten the rollup and its grace, or raise storage.ticks.ttl (at most 24h).",
            Assert.Single(SpecParser.Parse(hourly, TimeSpan.FromHours(1)).Errors).ToString());
    }

    [Fact]
    public void Sixty_four_metrics_are_allowed()
    {
        var spec = Load("series: s\ngranularity: {rollup: 1s}\nmetrics:\n" + SpecErrorCases.Metrics(64));
        Assert.Equal(64, spec.Metrics.Length);
    }

    [Fact]
    public void Anchors_and_aliases_are_read()
    {
        var spec = Load("""
            series: trades
            granularity:
              rollup: &second 1s
              grace: *second
            metrics:
              - name: low
                field: &price price
                type: &type int64
                aggregation: min
              - name: high
                field: *price
                type: *type
                aggregation: max
            """);
        Assert.Equal(1_000_000_000, spec.GraceNs);
        Assert.Equal(new MetricSpec("high", "price", FieldType.Int64, "max"), spec.Metrics[1]);
    }

    [Fact]
    public void A_topic_without_brokers_is_noticed()
    {
        SpecFile[] file = [new("trades.yaml", SpecTexts.Trades)];
        Assert.Empty(SpecParser.Parse(file, hasKafka: true).Notices);
        Assert.Empty(SpecParser.Parse(file).Notices);
        var notice = Assert.Single(SpecParser.Parse(file, hasKafka: false).Notices);
        Assert.Equal(NoticeSeverity.Notice, notice.Severity);
        Assert.Equal(
            "trades.yaml:28: output.kafka.topic = bars-1s: kafka.brokers is not set: bars of this series are stored and not published.",
                notice.ToString());
    }

    [Fact]
    public void Late_ticks_are_routed_where_there_are_brokers()
    {
        SpecFile[] file = [new("a.yaml", SpecTexts.Smallest + "\nlate: route\noutput: {kafka: {late_topic: late-trades}}")];
        var spec = Assert.Single(SpecParser.Parse(file, hasKafka: true).Specs);
        Assert.Equal((LatePolicy.Route, "late-trades", null), (spec.Late, spec.LateTopic, spec.Kafka));
        Assert.Equal(
            "a.yaml:7: late = route: late ticks are routed through Kafka, and kafka.brokers is not set. "
            + "Set kafka.brokers (TIKR_KAFKA_BROKERS), or use revise (the bar is recomputed "
                + "and published again) or drop (late ticks are rejected and counted).",
            Assert.Single(SpecParser.Parse(file, hasKafka: false).Errors).ToString());
    }

    [Fact]
    public void A_topic_of_late_ticks_that_are_not_routed_is_noticed()
    {
        var result = SpecParser.Parse([new SpecFile("a.yaml", SpecTexts.Smallest + "\noutput: {kafka: {late_topic: late-trades}}")]);
        Assert.Null(Assert.Single(result.Specs).LateTopic);
        Assert.Equal("a.yaml:7: output.kafka.late_topic = late-trades: The topic has an effect only with late: route.",
            Assert.Single(result.Notices).ToString());
    }

    [Fact]
    public void Files_without_errors_still_give_their_specs_next_to_the_errors_of_others()
    {
        var result = SpecParser.Parse([new("bad.yaml", "series: a"), new("good.yaml", SpecTexts.Smallest), new("worse.yaml", "}")]);
        Assert.Equal(["good.yaml"], result.Specs.Select(spec => spec.Source));
        Assert.Equal(["bad.yaml", "bad.yaml", "worse.yaml"], result.Errors.Select(error => error.File));
    }

    [Fact]
    public void No_text_throws_however_it_is_damaged()
    {
        string[] pieces =
        [
            ":", "- ", "\n", "\t", "  ", "{", "}", "[", "]", "&a ", "*a", "<<: ", "? ", "!!int ", "!", "%", "@", "|", ">", "'", "\"", "#",
            "---\n", "...\n", "\0", "\uD800", "é", "null", "~", ",", "-1", "1s",
        ];
        var damage = from at in Gen.Int[0, SpecTexts.Trades.Length]
                     from cut in Gen.Int[0, 40]
                     from piece in Gen.Int[0, pieces.Length - 1]
                     select (at, cut, piece);
        damage.Array[1, 6].Sample(
            edits =>
            {
                var text = SpecTexts.Trades;
                foreach (var (at, cut, piece) in edits)
                {
                    var start = Math.Min(at, text.Length);
                    text = text.Remove(start, Math.Min(cut, text.Length - start)).Insert(start, pieces[piece]);
                }

                var result = SpecParser.Parse([new SpecFile("trades.yaml", text)]);
                Assert.Equal(result.Specs.Length, result.Ok ? 1 : 0);
                Assert.All(result.Errors, error => Assert.True(error.Line >= 0 && error.Rule.Length > 0 && error.Remedy.Length > 0));
            },
            iter: 3_000);
    }

    private static SeriesSpec Load(string text)
    {
        var result = SpecParser.Parse([new SpecFile("trades.yaml", text)]);
        Assert.Empty(result.Errors);
        return Assert.Single(result.Specs);
    }
}
