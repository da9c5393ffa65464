using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tikr.LoadGenerator;

/// <summary>What one run measured and verified. Numbers that could not be measured are NaN.</summary>
internal sealed record LoadResult
{
    public string Label { get; init; } = "";
    public string Series { get; init; } = "";
    public int Keys { get; init; }
    public string Distribution { get; init; } = "";
    public int Streams { get; init; }
    public int TicksPerMessage { get; init; }
    public double LateShare { get; init; }

    /// <summary>Ticks per second asked for; 0 is as fast as possible.</summary>
    public long Rate { get; init; }

    /// <summary>Sent and acknowledged in the measured part.</summary>
    public long MeasuredTicks { get; init; }

    /// <summary>From the first message to the last acknowledgement.</summary>
    public double Seconds { get; init; }

    public long Sent { get; init; }
    public long Acknowledged { get; init; }
    public long Rejected { get; init; }

    /// <summary>CPU seconds per million ticks.</summary>
    public double ClientCpuPerMillion { get; init; }
    public double ServerCpuPerMillion { get; init; }
    public double DatabaseCpuPerMillion { get; init; }

    /// <summary>Managed bytes that the server allocated, for whatever reason, per tick of the measured part.</summary>
    public double AllocatedPerTick { get; init; }

    /// <summary>Share of the measured part in which its garbage collector stopped the server.</summary>
    public double PauseShare { get; init; }

    /// <summary>What the server says its ticks take, and all its files, per tick sent.</summary>
    public double TickBytesPerTick { get; init; }
    public double FileBytesPerTick { get; init; }

    public double ServerPeakMegabytes { get; init; }
    public double AckP50Ms { get; init; }
    public double AckP99Ms { get; init; }

    /// <summary>From the end of a bucket and its grace until its bar is answered.</summary>
    public double VisibleP50Ms { get; init; }
    public double VisibleP99Ms { get; init; }
    public double VisibleMaxMs { get; init; }

    /// <summary>How long the command between sending and verifying took.</summary>
    public double BetweenSeconds { get; init; } = double.NaN;

    public Verification? Bars { get; init; }

    public double TicksPerSecond => MeasuredTicks / Seconds;

    /// <summary>Everything sent was acknowledged and, when verified, every bar was exact.</summary>
    public bool Holds => Sent == Acknowledged && Rejected == 0 && Bars is null or { Holds: true };

    public static LoadResult Of(LoadOptions options) => new()
    {
        Label = options.Label,
        Series = options.Shape.Series,
        Keys = options.Keys,
        Distribution = (options.Zipf ? "zipf" : "uniform") + (options.SharedKeys ? ", shared" : ""),
        Streams = options.Streams,
        TicksPerMessage = options.TicksPerMessage,
        LateShare = options.LateShare,
        Rate = options.Rate,
    };

    public static LoadResult Parse(string json) => JsonSerializer.Deserialize(json, LoadResultJson.Default.LoadResult)!;

    public string ToJson() => JsonSerializer.Serialize(this, LoadResultJson.Default.LoadResult);

    /// <summary>What makes two runs runs of one case.</summary>
    [JsonIgnore]
    public string Case => string.Create(
        CultureInfo.InvariantCulture,
        $"| {Label} | {Series} | {Keys} | {Distribution} | {Streams} | {TicksPerMessage} | "
            + $"{(LateShare == 0 ? "-" : $"{LateShare * 100:0.#} %")} | {(Rate == 0 ? "full" : $"{Rate / 1e6:0.00} M/s")} |");
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(LoadResult))]
internal sealed partial class LoadResultJson : JsonSerializerContext;
