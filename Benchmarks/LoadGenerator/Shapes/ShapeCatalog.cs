using System.Globalization;

namespace Tikr.LoadGenerator.Shapes;

/// <summary>The shapes by name: those of specs/*.yaml, and one of any width.</summary>
internal static class ShapeCatalog
{
    /// <summary>The names, for messages.</summary>
    public const string Names = "market, asic, flow, or wide:N with 1 to 60 metrics";

    private const string Wide = "wide:";

    private static readonly Fold[] WideFolds = [Fold.First, Fold.Max, Fold.Min, Fold.Last, Fold.Sum];

    /// <summary>The shape of a name.</summary>
    public static Shape Find(string name) => name switch
    {
        "market" => Market,
        "asic" => Asic,
        "flow" => Flow,
        _ when name.StartsWith(Wide, StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(Wide.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var metrics)
            && metrics is >= 1 and <= 60 => OfWidth(metrics),
        _ => throw new ArgumentException($"--spec {name}: must be {Names}."),
    };

    /// <summary>Trades: random-walk prices in whole cents of 1/10,000, mostly round lots.</summary>
    private static Shape Market { get; } = new(
        "market_ticks",
        ["symbol"],
        [
            Shape.Walk("price", 100, 10_000_000, 100, 3),
            Shape.Drawn("quantity", random => random.Next(10) < 7 ? 100 * (1 + (int)Exponential(random, 5)) : random.Next(1, 1000)),
        ],
        [
            new("open", Fold.First, 0), new("high", Fold.Max, 0), new("low", Fold.Min, 0), new("close", Fold.Last, 0),
            new("volume", Fold.Sum, 1), new("tick_count", Fold.Count, -1),
        ],
        key => [Symbols.NameOf(key)]);

    /// <summary>Switch ASICs: slow gauges, and errors that are nearly always none.</summary>
    private static Shape Asic { get; } = new(
        "asic_metrics",
        ["device_id", "asic_id", "port_id"],
        [
            Shape.Walk("temperature", 35_000, 95_000, 125, 2),
            Shape.Walk("voltage_mv", 780, 920, 1, 2),
            Shape.Drawn("crc_errors_delta", random => random.Next(500) == 0 ? random.Next(1, 20) : 0),
            Shape.Drawn("packet_drops", random => random.Next(100) == 0 ? random.Next(1, 1_000) : 0),
            Shape.Walk("memory_util_bps", 500, 9_900, 1, 20),
        ],
        [
            new("temp_max", Fold.Max, 0), new("temp_min", Fold.Min, 0), new("temp_avg_numerator", Fold.Sum, 0),
            new("voltage_min", Fold.Min, 1), new("voltage_max", Fold.Max, 1), new("crc_errors_total", Fold.Sum, 2),
            new("packet_drops_total", Fold.Sum, 3), new("memory_util_max", Fold.Max, 4), new("sample_count", Fold.Count, -1),
        ],
        key => [$"sw-{key / 256:0000}", $"asic{key / 64 % 4}", $"port{key % 64}"]);

    /// <summary>Network flows between hosts: sizes and latencies with long tails.</summary>
    private static Shape Flow { get; } = new(
        "network_flows",
        ["src_ip", "dst_ip", "protocol"],
        [
            Shape.Drawn("bytes", random => 64 + (long)Exponential(random, 40_000)),
            Shape.Drawn("packets", random => 1 + (long)Exponential(random, 40)),
            Shape.Drawn("latency_us", random => 50 + (long)Exponential(random, 900)),
        ],
        [
            new("bytes_total", Fold.Sum, 0), new("packets_total", Fold.Sum, 1), new("max_latency_us", Fold.Max, 2),
            new("min_latency_us", Fold.Min, 2), new("avg_latency_numerator", Fold.Sum, 2), new("flow_count", Fold.Count, -1),
        ],
        key => [Address(10, key / 3), Address(172, (key / 3 * 7) + 11), (key % 3) switch { 0 => "tcp", 1 => "udp", _ => "icmp" }]);

    /// <summary>A number of metrics, five for each field: what the width of a spec costs.</summary>
    private static Shape OfWidth(int metrics) => new(
        $"wide_{metrics}",
        ["sensor"],
        [.. Enumerable.Range(0, (metrics + WideFolds.Length - 1) / WideFolds.Length)
            .Select(field => Shape.Walk($"field_{field}", 0, 1_000_000, 10, 5))],
        [.. Enumerable.Range(0, metrics).Select(i =>
            new ShapeMetric($"metric_{i}", WideFolds[i % WideFolds.Length], i / WideFolds.Length))],
        key => [Symbols.NameOf(key)]);

    private static double Exponential(Random random, double mean) => -mean * Math.Log(1 - random.NextDouble());

    private static string Address(int network, int host) => $"{network}.{host >> 16 & 255}.{host >> 8 & 255}.{host & 255}";
}
