using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tikr.Benchmarks.Micro;

/// <summary>What expected-ratios.json holds.</summary>
/// <param name="Tolerance">A ratio may be so many times what is expected.</param>
/// <param name="ServerTolerance">The same for the ratio of the whole server, whose CPU time others on the machine disturb more.</param>
/// <param name="Expected">Ratios by name; lower is better.</param>
internal sealed record ExpectedRatios(double Tolerance, double ServerTolerance, SortedDictionary<string, double> Expected);

/// <summary>
/// Compares ratios of this run with those that are committed. Worse than the tolerance fails; better is told, so that the file can follow.
/// </summary>
internal static class RatioCheck
{
    /// <summary>CPU time of the server for everything from gRPC to stored bar, in units of decoding alone.</summary>
    private const string WholeServer = "server / wire reader, 1,000 keys";

    private static readonly JsonSerializerOptions Options =
        new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Measures, prints and compares; 1 if a ratio is too high.</summary>
    /// <param name="file">expected-ratios.json.</param>
    /// <param name="results">Results of the load generator; null leaves the server out.</param>
    /// <param name="update">Write what was measured into the file instead of failing.</param>
    public static int Run(string file, string? results, bool update)
    {
        var measured = Ratios.Print();
        if (results is not null && ServerNs(results) is { } server)
        {
            var decoding = measured.Find(ratio => ratio.Name == Ratios.Decoding).OursNs;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"| {WholeServer} | {server:0.0} | {decoding:0.0} | {server / decoding:0.000} |"));
            measured.Add((WholeServer, server / decoding, server));
        }

        var expected = JsonSerializer.Deserialize<ExpectedRatios>(File.ReadAllText(file), Options)!;
        if (update)
        {
            foreach (var (name, value, _) in measured) expected.Expected[name] = Math.Round(value, 3);
            File.WriteAllText(file, JsonSerializer.Serialize(expected, Options) + "\n");
            return 0;
        }

        Console.WriteLine();
        // All are looked at, so that each that is too high is named.
        return measured.ConvertAll(ratio => Holds(ratio.Name, ratio.Value, expected)).Contains(false) ? 1 : 0;
    }

    private static bool Holds(string name, double value, ExpectedRatios file)
    {
        if (!file.Expected.TryGetValue(name, out var expected))
        {
            Console.WriteLine($"'{name}' has no expected ratio: run Benchmarks/run.sh --check --update.");
            return false;
        }

        var tolerance = name == WholeServer ? file.ServerTolerance : file.Tolerance;
        var text = string.Create(
            CultureInfo.InvariantCulture, $"'{name}' is {value:0.000}, expected {expected:0.000}, at most {expected * tolerance:0.000}");
        if (value > expected * tolerance)
            Console.WriteLine(
            $"RATIO TOO HIGH: {text}: this got slower beside its baseline; find out why, or update the file and say why.");
        else if (value < expected / tolerance) Console.WriteLine($"better than expected: {text}: update the file, so that it stays so.");
        return value <= expected * tolerance;
    }

    /// <summary>CPU nanoseconds per tick of the run that is labelled for it.</summary>
    private static double? ServerNs(string results) => File.ReadLines(results).Select(line => JsonNode.Parse(line)!)
        .Where(run => (string?)run["label"] == "check" && run["server_cpu_per_million"]!.GetValueKind() == JsonValueKind.Number)
        .Select(run => (double?)run["server_cpu_per_million"]! * 1000).LastOrDefault();
}
