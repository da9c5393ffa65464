using System.CommandLine;

namespace Tikr.LoadGenerator;

/// <summary>The command line as options.</summary>
internal static class CommandLine
{
    public static RootCommand Build(Func<LoadOptions, CancellationToken, Task<int>> run)
    {
        var defaults = new LoadOptions { Address = new Uri("http://127.0.0.1:9876") };
        var address = Option("--address", defaults.Address.ToString(), "Server, as a URL.");
        var series = Option("--series", defaults.Series, "Series with the shape of market_ticks.");
        var keys = Option("--keys", defaults.Keys, "Distinct symbols.");
        var zipf = new Option<bool>("--zipf") { Description = "A few symbols get most ticks (default)." };
        var uniform = new Option<bool>("--uniform") { Description = "Every symbol gets the same share." };
        var perMessage = Option("--ticks-per-message", defaults.TicksPerMessage, "Ticks in one IngestRequest.");
        var streams = Option("--streams", defaults.Streams, "Concurrent streams, each with a connection of its own.");
        var shared = new Option<bool>("--shared-keys") { Description = "Every stream carries every symbol; otherwise each has its own." };
        var seconds = Option("--seconds", defaults.Seconds, "Length of the measured part.");
        var ticks = Option("--ticks", defaults.Ticks, "Ticks of the measured part, instead of --seconds.");
        var warmUp = Option("--warm-up", defaults.WarmUpSeconds, "Seconds of the same load before measuring.");
        var rate = Option("--rate", defaults.Rate, "Ticks per second over all streams; 0 is as fast as possible.");
        var noProbe = new Option<bool>("--no-probe") { Description = "Do not measure acknowledgements by short streams." };
        var noVerify = new Option<bool>("--no-verify") { Description = "Do not compare the server's bars with what was sent." };
        var timeout = Option("--verify-timeout", defaults.VerifyTimeoutSeconds, "Seconds until every bar must be exact.");
        var pid = new Option<int?>("--server-pid") { Description = "Server process on this machine, for its CPU time and memory." };
        var json = new Option<string?>("--json") { Description = "Also append the result to this file, one JSON object per line." };
        var seed = Option("--seed", defaults.Seed, "Seed of the generated market.");

        var root = new RootCommand("Sends a generated market to a tikr.v1 server and verifies every bar of it.")
        {
            address, series, keys, zipf, uniform, perMessage, streams, shared, seconds, ticks, warmUp, rate, noProbe, noVerify, timeout, pid, json, seed,
        };
        var results = new Argument<string>("file") { Description = "What --json has written." };
        var summary = new Command("summary", "Prints one table of several runs.") { results };
        summary.SetAction(parsed => Summary.Print(parsed.GetValue(results)!));
        root.Add(summary);
        root.SetAction((parsed, cancellation) => run(
            new LoadOptions
            {
                Address = new Uri(parsed.GetValue(address)!),
                Series = parsed.GetValue(series)!,
                Keys = parsed.GetValue(keys),
                Zipf = !parsed.GetValue(uniform),
                TicksPerMessage = parsed.GetValue(perMessage),
                Streams = parsed.GetValue(streams),
                SharedKeys = parsed.GetValue(shared),
                Seconds = parsed.GetValue(seconds),
                Ticks = parsed.GetValue(ticks),
                WarmUpSeconds = parsed.GetValue(warmUp),
                Rate = parsed.GetValue(rate),
                Probe = !parsed.GetValue(noProbe),
                Verify = !parsed.GetValue(noVerify),
                VerifyTimeoutSeconds = parsed.GetValue(timeout),
                ServerPid = parsed.GetValue(pid),
                JsonFile = parsed.GetValue(json),
                Seed = parsed.GetValue(seed),
            },
            cancellation));
        return root;
    }

    private static Option<T> Option<T>(string name, T value, string description) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };
}
