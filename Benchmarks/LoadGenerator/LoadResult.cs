using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tikr.LoadGenerator;

/// <summary>What one run measured and verified.</summary>
internal sealed record LoadResult
{
    public required int Keys { get; init; }
    public required string Distribution { get; init; }
    public required int Streams { get; init; }
    public required int TicksPerMessage { get; init; }

    /// <summary>Sent and acknowledged in the measured part.</summary>
    public required long MeasuredTicks { get; init; }

    /// <summary>From the first message to the last acknowledgement.</summary>
    public required double Seconds { get; init; }

    public required long Sent { get; init; }
    public required long Acknowledged { get; init; }
    public required long Rejected { get; init; }
    public required double ClientCpuPerMillion { get; init; }
    public required double ServerCpuPerMillion { get; init; }
    public required double ServerPeakMegabytes { get; init; }
    public required double AckP50Ms { get; init; }
    public required double AckP99Ms { get; init; }
    public Verification? Bars { get; init; }

    public double TicksPerSecond => MeasuredTicks / Seconds;

    /// <summary>Everything sent was acknowledged and, when verified, every bar was exact.</summary>
    public bool Holds => Sent == Acknowledged && Rejected == 0 && Bars is null or { Holds: true };

    public const string TableHeader = """
        | keys | distribution | streams | ticks/message | M ticks | M ticks/s | client CPU s/M | server CPU s/M | server peak MB | ack p50 ms | ack p99 ms | bars exact | wrong | missing | revised |
        |---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
        """;

    public string TableRow() => string.Create(
        CultureInfo.InvariantCulture,
        $"| {Keys} | {Distribution} | {Streams} | {TicksPerMessage} | {MeasuredTicks / 1e6:0.0} | {TicksPerSecond / 1e6:0.00} | {ClientCpuPerMillion:0.00} | {ServerCpuPerMillion:0.00} | {ServerPeakMegabytes:0} | {AckP50Ms:0.0} | {AckP99Ms:0.0} | {Bars?.Exact} | {Bars?.Wrong + Bars?.Unexpected} | {Bars?.Missing} | {Bars?.Revised} |");

    public string ToJson() => JsonSerializer.Serialize(this, LoadResultJson.Default.LoadResult);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(LoadResult))]
internal sealed partial class LoadResultJson : JsonSerializerContext;
