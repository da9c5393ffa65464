using System.Text.Json.Serialization;
using Tikr.Contracts;

namespace Tikr.Benchmarks.Micro;

/// <summary>An IngestRequest as JSON: what another protocol would cost.</summary>
internal sealed record JsonMessage(string Series, List<JsonTick> Ticks)
{
    public static JsonMessage Of(IngestRequest request) => new(
        request.Series,
        [.. request.Ticks.Select(
            tick => new JsonTick(tick.TimestampNs, tick.Dimensions.ToDictionary(), tick.Fields.ToDictionary(), tick.Sequence))]);
}

/// <summary>A tick.</summary>
internal sealed record JsonTick(ulong TimestampNs, Dictionary<string, string> Dimensions, Dictionary<string, long> Fields, uint Sequence);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(JsonMessage))]
internal sealed partial class JsonMessages : JsonSerializerContext;
