using System.Text.Json;
using System.Text.Json.Serialization;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;

namespace Tikr.Storage.RocksDb;

/// <summary>
/// What the store remembers of a series' spec: what stored data depends on. Kept as JSON, for people with a RocksDB browser.
/// </summary>
internal sealed record StoredSeries
{
    public required ushort Id { get; init; }

    public required string[] Dimensions { get; init; }

    /// <summary>Every field the series ever had; blocks name their columns by its id.</summary>
    public required FieldRecord[] Fields { get; init; }

    public required ushort NextFieldId { get; init; }

    /// <summary>Number of the layout that bars are written in now.</summary>
    public required uint Layout { get; init; }

    /// <summary>Bucket length, for people; bars carry it in their keys.</summary>
    public required long RollupNs { get; init; }

    /// <summary>What its bars are made of; null in folders from before it was kept, whose bars may be made of anything.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? BarDefinition { get; init; }

    /// <summary><see cref="Storage.Rebuild.ProvenFrom"/> of what the last change of the definition left to do.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long ProvenFrom { get; init; }

    /// <summary>Its <see cref="Storage.Rebuild.From"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long RebuildFrom { get; init; }

    /// <summary>Its <see cref="Storage.Rebuild.Below"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long RebuildBelow { get; init; }

    /// <summary>Its <see cref="Storage.Rebuild.DownTo"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long RebuildDownTo { get; init; }

    /// <summary>What the last change of the definition leaves to do.</summary>
    [JsonIgnore]
    public Rebuild Rebuild => new(ProvenFrom, RebuildFrom, RebuildBelow, RebuildDownTo);

    /// <summary>The same with something else left to do.</summary>
    public StoredSeries With(Rebuild rebuild) => this with
    {
        ProvenFrom = rebuild.ProvenFrom,
        RebuildFrom = rebuild.From,
        RebuildBelow = rebuild.Below,
        RebuildDownTo = rebuild.DownTo,
    };

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, RecordJson.Default.StoredSeries);

    public static StoredSeries Parse(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, RecordJson.Default.StoredSeries)!;
}

/// <summary>A field of a series.</summary>
internal sealed record FieldRecord(ushort Id, string Name, [property: JsonPropertyName(FieldTypeJson.Name)] FieldType Type);

/// <summary>The metrics of stored bars, in the order of their values.</summary>
internal sealed record LayoutRecord(ushort SeriesId, MetricRecord[] Metrics)
{
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, RecordJson.Default.LayoutRecord);

    public static LayoutRecord Parse(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, RecordJson.Default.LayoutRecord)!;

    public static LayoutRecord Of(ushort seriesId, SeriesModel model) =>
        new(seriesId, [.. model.Spec.Metrics.Select(m => new MetricRecord(m.Name, m.Field, m.Aggregation, m.Type))]);

    public bool Same(LayoutRecord other) => SeriesId == other.SeriesId && Metrics.AsSpan().SequenceEqual(other.Metrics);
}

/// <summary>
/// A metric of a layout. Values of two layouts are the same metric only if all of this is equal: a metric that computes something else is
/// another.
/// </summary>
internal sealed record MetricRecord(
    string Name, string? Field, string Aggregation, [property: JsonPropertyName(FieldTypeJson.Name)] FieldType Type);

[JsonSourceGenerationOptions(Converters = [typeof(FieldTypeJson)])]
[JsonSerializable(typeof(StoredSeries))]
[JsonSerializable(typeof(LayoutRecord))]
internal sealed partial class RecordJson : JsonSerializerContext;
