using System.Collections.Immutable;
using Tikr.Core.Configuration;
using Tikr.Core.Configuration.Yaml;

namespace Tikr.Core.Specs;

/// <summary>Reads the metrics of a spec.</summary>
internal static class MetricReader
{
    public static ImmutableArray<MetricSpec> Read(YamlSection file, Problems problems)
    {
        var sections = file.Sections("metrics");
        if (file.Lacks("metrics") || file.IsEmptyList("metrics"))
            file.Reject("metrics", ConfigMessages.Missing(ConfigMessages.GiveMetrics));
        if (sections.Count > SeriesSpec.MaxMetrics)
            sections[SeriesSpec.MaxMetrics].Reject("name", ConfigMessages.TooManyMetrics(SeriesSpec.MaxMetrics));

        var names = new UniqueNames("metric");
        var fieldTypes = new Dictionary<string, Located>(StringComparer.Ordinal);
        var metrics = ImmutableArray.CreateBuilder<MetricSpec>(sections.Count);
        foreach (var section in sections)
        {
            var metric = ReadOne(section, names);
            metrics.Add(metric);
            if (metric.Field is not null) CheckFieldType(metric.Field, section, fieldTypes, problems);
        }

        return metrics.ToImmutable();
    }

    private static MetricSpec ReadOne(YamlSection section, UniqueNames names)
    {
        var name = names.Read(section, ConfigMessages.NameTheMetric);
        var aggregation = section.Required("aggregation", SpecKeys.Aggregation, null, ConfigMessages.GiveTheAggregation);
        // After a bad aggregation it is not known whether a field is needed, so none is asked for.
        var needsField = aggregation is { ReadsField: true };
        var field = needsField
            ? section.Required<string>("field", ValueReaders.Name, "", ConfigMessages.GiveTheField)
            : section.Optional<string>("field", ValueReaders.Name, "");
        var type = aggregation is { ReadsField: false }
            ? section.Optional("type", SpecKeys.Type, FieldType.UInt64)
            : section.Required("type", SpecKeys.Type, FieldType.Int64, ConfigMessages.GiveTheType);
        var otlp = section.Optional("otlp", SpecKeys.Otlp, null);
        if (otlp is OtlpKind.Sum or OtlpKind.Counter && aggregation is { IsAdditive: false })
            section.Reject("otlp", ConfigMessages.NotAdditive(aggregation.Word));
        return new MetricSpec(
            name,
            needsField && field.Length > 0 ? field : null,
            type,
            aggregation?.Word ?? "",
            section.Optional<string?>("unit", ValueReaders.Name!, null),
            section.Optional<string?>("description", ValueReaders.Text!, null))
        {
            Otlp = otlp,
        };
    }

    private static void CheckFieldType(string field, YamlSection section, Dictionary<string, Located> types, Problems problems)
    {
        if (section.Find("type") is not { } type || SpecKeys.Type(type.Text!, out _) is not null) return;
        if (types.TryAdd(field, type) || types[field].Text == type.Text) return;
        problems.Reject(type, ConfigMessages.FieldOfTwoTypes(field, types[field].Text!, types[field].Line));
    }
}
