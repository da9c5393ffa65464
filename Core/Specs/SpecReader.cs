using System.Collections.Immutable;
using Tikr.Core.Configuration;
using Tikr.Core.Configuration.Yaml;

namespace Tikr.Core.Specs;

/// <summary>Reads one spec file whose keys and kinds have been checked.</summary>
internal static class SpecReader
{
    public static SeriesSpec Read(YamlSection file, string source, Problems problems)
    {
        var granularity = file.Section("granularity");
        var limits = file.Section("limits");
        return new SeriesSpec
        {
            Series = file.Required<string>("series", ValueReaders.Name, "", ConfigMessages.NameTheSeries),
            TimestampField = file.Section("timestamp").Optional<string?>("field", ValueReaders.Text!, null),
            Precision = file.Section("timestamp").Optional("precision", SpecKeys.Precision, TimestampPrecision.Nanosecond),
            Dimensions = Dimensions(file),
            Metrics = MetricReader.Read(file, problems),
            RollupNs = Rollup(file, granularity),
            RollupText = granularity.Find("rollup")?.Text!.Trim() ?? "",
            GraceNs = granularity.Optional("grace", SpecKeys.Grace, SeriesSpec.DefaultGraceNs),
            Late = file.Optional("late", SpecKeys.Late, LatePolicy.Revise),
            Dedup = file.Optional("dedup", SpecKeys.Dedup, DedupPolicy.None),
            MissingField = file.Optional("missing_field", SpecKeys.MissingField, MissingFieldPolicy.Zero),
            UnknownField = file.Optional("unknown_field", SpecKeys.UnknownField, UnknownFieldPolicy.Ignore),
            Overflow = file.Optional("overflow", SpecKeys.Overflow, OverflowPolicy.Saturate),
            Rebuild = file.Optional("rebuild", SpecKeys.Rebuild, RebuildPolicy.Store),
            MaxKeys = limits.Optional("max_keys", SpecKeys.MaxKeys, 0),
            MaxDimensionBytes = limits.Optional("max_dimension_bytes", SpecKeys.MaxDimensionBytes, SeriesSpec.DefaultMaxDimensionBytes),
            MaxFutureNs = limits.Optional("max_future", SpecKeys.MaxFuture, SeriesSpec.DefaultMaxFutureNs),
            Kafka = Kafka(file.Section("output").Section("kafka")),
            LateTopic = LateTopic(file, problems),
            Source = source,
        };
    }

    // A file without the section is told, where it begins, which key it lacks.
    private static long Rollup(YamlSection file, YamlSection granularity)
    {
        if (file.Lacks("granularity")) file.Reject("granularity.rollup", ConfigMessages.Missing(ConfigMessages.GiveTheRollup));
        return granularity.Required("rollup", SpecKeys.Rollup, 0, ConfigMessages.GiveTheRollup);
    }

    private static ImmutableArray<DimensionSpec> Dimensions(YamlSection file)
    {
        var names = new UniqueNames("dimension");
        var dimensions = ImmutableArray.CreateBuilder<DimensionSpec>();
        foreach (var section in file.Sections("dimensions"))
        {
            dimensions.Add(new DimensionSpec(names.Read(section, ConfigMessages.NameTheDimension)));
            section.Optional("type", SpecKeys.DimensionType, "string");
        }

        return dimensions.ToImmutable();
    }

    /// <summary>What a spec cannot have without brokers, and what it does not get.</summary>
    public static void ReportWithoutKafka(YamlSection file, SeriesSpec spec, Problems problems)
    {
        if (spec.Late == LatePolicy.Route) file.Reject("late", ConfigMessages.RouteWithoutKafka);
        if (file.Section("output").Section("kafka").Find("topic") is { } topic)
            problems.Tell(NoticeSeverity.Notice, topic, ConfigMessages.NotPublished);
    }

    private static string? LateTopic(YamlSection file, Problems problems)
    {
        var section = file.Section("output").Section("kafka");
        var topic = section.Optional<string?>("late_topic", ValueReaders.Topic!, null);
        var isRouted = file.Find("late")?.Text == "route";
        if (isRouted && section.Find("late_topic") is null) file.Reject("late", ConfigMessages.RouteWithoutTopic);
        if (isRouted || section.Find("late_topic") is not { } unused) return topic;
        problems.Tell(NoticeSeverity.Notice, unused, ConfigMessages.LateTopicUnused);
        return null;
    }

    private static KafkaOutputSpec? Kafka(YamlSection section)
    {
        var encoding = section.Optional("encoding", SpecKeys.Encoding, "otlp");
        var onFailure = section.Optional("on_failure", SpecKeys.OnFailure, FailurePolicy.Spool);
        var topic = section.Optional("topic", ValueReaders.Topic, "");
        return section.Find("topic") is null ? null : new KafkaOutputSpec(topic, encoding, onFailure);
    }
}
