using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tikr.Tests.EndToEnd.Compatibility;

/// <summary>A client that knows only upstream's protocol, in another language: it ingests, and reads exact bars.</summary>
public sealed class PythonClientTests
{
    private const string Python = "/usr/bin/python3";
    private const int TicksPerSymbol = 300, Buckets = 3;
    private static readonly string[] Symbols = ["PYA", "PYB", "PYC"];

    [Fact]
    public async Task Python_client_of_upstreams_protocol_reads_exact_bars()
    {
        await SkipWithoutModulesAsync();
        await using var silo = await SiloProcess.StartAsync(new SiloOptions { Name = "python" });
        var bucket = WallClock.LatestCompleteBucket - (10 * WallClock.Second);
        var stubs = Repository.NewFolder("python-stubs");

        using var python = ProgramProcess.Start(
            Python, [Path.Combine(AppContext.BaseDirectory, "Compatibility", "client.py"),
                $"127.0.0.1:{silo.Ports.Grpc}", $"{bucket}", stubs]);
        var exitCode = await python.WaitForExitAsync(TimeSpan.FromSeconds(90));

        Assert.True(exitCode == 0, python.Output);
        var read = JsonNode.Parse(python.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1])!;
        var ticks = Sent(bucket).ToList();
        Assert.Equal(ticks.Count, read["received"]!.GetValue<int>());
        Assert.Equal(
            MarketBar.AllOf(ticks).OrderBy(bar => bar.Symbol, StringComparer.Ordinal).ThenBy(bar => bar.Bucket),
            read["bars"]!.AsArray().Select(ToBar));
        Assert.Equal(
            ticks.Where(tick => tick.Symbol == "PYA").Take(5).Select(tick => (tick.Time, tick.Price, tick.Sequence)),
            read["ticks"]!.AsArray().Select(tick => (Long(tick, "time"), Long(tick, "price"), (uint)Long(tick, "sequence"))));
        Assert.Contains("market_ticks", read["series"].Deserialize<string[]>()!);
        Assert.NotEmpty(read["version"]!.GetValue<string>());
        Directory.Delete(stubs, recursive: true);
    }

    private static async Task SkipWithoutModulesAsync()
    {
        const string Remedy = "apt-get install python3-grpcio python3-grpc-tools python3-protobuf";
        if (!File.Exists(Python)) throw ServersNeeded.Missed($"{Python} is absent: {Remedy}.");
        using var import = ProgramProcess.Start(Python, ["-c", "import grpc, grpc_tools.protoc, google.protobuf"]);
        if (await import.WaitForExitAsync(TimeSpan.FromSeconds(60)) != 0)
            throw ServersNeeded.Missed($"{Python} lacks the gRPC modules: {Remedy}.");
    }

    // The same ticks as client.py sends.
    private static IEnumerable<MarketTick> Sent(long bucket) =>
        from i in Enumerable.Range(0, TicksPerSymbol * Buckets)
        from n in Enumerable.Range(0, Symbols.Length)
        select new MarketTick(
            Symbols[n], bucket + (i * (WallClock.Second / TicksPerSymbol)), 1_000_000
                + (i * 7919L % 1000 * 100) + n, 1 + (i % 17), (uint)i + 1);

    private static MarketBar ToBar(JsonNode? bar)
    {
        var metrics = bar!["metrics"]!;
        Assert.Equal(Long(bar, "ticks"), Long(metrics, "tick_count"));
        return new MarketBar(
            bar["symbol"]!.GetValue<string>(),
            Long(bar, "bucket"),
            Long(metrics, "open"),
            Long(metrics, "high"),
            Long(metrics, "low"),
            Long(metrics, "close"),
            Long(metrics, "volume"),
            Long(bar, "ticks"),
            Long(bar, "first"),
            Long(bar, "last"));
    }

    private static long Long(JsonNode? node, string name) => node![name]!.GetValue<long>();
}
