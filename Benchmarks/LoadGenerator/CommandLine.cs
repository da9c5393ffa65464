using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Tikr.LoadGenerator;

/// <summary>The command line as options.</summary>
internal static class CommandLine
{
    public static RootCommand Build(Func<LoadOptions, CancellationToken, Task<int>> run)
    {
        var defaults = new LoadOptions { Address = new Uri("http://127.0.0.1:9876") };
        var address = Option("--address", defaults.Address.ToString(), "Server, as a URL.");
        var spec = Option("--spec", "market", $"What ticks and bars look like: {ShapeCatalog.Names}.");
        var keys = Option("--keys", defaults.Keys, "Distinct keys.");
        var uniform = Flag("--uniform", "Every key gets the same share; otherwise a few get most ticks, by Zipf's law.");
        var perMessage = Option("--ticks-per-message", defaults.TicksPerMessage, "Ticks in one IngestRequest.");
        var streams = Option("--streams", defaults.Streams, "Concurrent streams, each with a connection and a thread of its own.");
        var shared = Flag("--shared-keys", "Every stream carries every key; otherwise each has its own.");
        var late = new Option<double>(
            "--late")
        { Description = "Share of ticks whose bar has closed when they come, such as 1%.", CustomParser = Percent };
        var lateBy = Option("--late-by", defaults.LateSeconds, "Seconds that they come late.");
        var ahead = Option("--ahead", defaults.AheadSeconds,
            "Seconds that all ticks are ahead of the clock, so that their bars stay open.");
        var seconds = Option("--seconds", defaults.Seconds, "Length of the measured part.");
        var ticks = Option("--ticks", defaults.Ticks, "Ticks of the measured part, instead of --seconds.");
        var warmUp = Option("--warm-up", defaults.WarmUpSeconds, "Seconds of the same load before measuring.");
        var rate = Option("--rate", defaults.Rate, "Ticks per second over all streams; 0 is as fast as possible.");
        var client = Option("--client", "raw", "raw writes frames itself; grpc uses the gRPC library of .NET, which takes more CPU.");
        client.AcceptOnlyFromAmong("raw", "grpc");
        var noProbe = Flag("--no-probe", "Measure neither acknowledgements nor when bars are visible.");
        var grace = Option("--grace", defaults.GraceSeconds,
            "Grace of the series in seconds: bars are expected this long after their bucket.");
        var noVerify = Flag("--no-verify", "Do not compare the server's bars with what was sent.");
        var keyByKey = Flag("--key-by-key", "Ask for bars key by key; otherwise only if a query without dimensions answers nothing.");
        var timeout = Option("--verify-timeout", defaults.VerifyTimeoutSeconds, "Seconds until every bar must be exact.");
        var window = Option("--window", defaults.WindowSeconds,
            "Verify while sending, and print a line every so many seconds; 0 verifies in the end.");
        var between = new Option<string?>(
            "--between")
        { Description = "Shell command to run after the last acknowledgement, before bars are verified." };
        var pid = new Option<int?>("--server-pid") { Description = "Server process on this machine, for its CPU time and memory." };
        var database = new Option<int?>("--database-pid") { Description = "Process of the database; its descendants count too." };
        var metrics = new Option<Uri?>("--metrics")
        {
            CustomParser = Url,
            Description = "The server's metrics page, for its allocations and pauses."
        };
        var store = new Option<Uri?>("--store")
        {
            CustomParser = Url,
            Description = "The server's /debug/store page, for the size of its ticks."
        };
        var data = new Option<string?>("--data") { Description = "The server's data folder, for the size of its files." };
        var json = new Option<string?>("--json") { Description = "Also append the result to this file, one JSON object per line." };
        var label = Option("--label", defaults.Label, "Name of the case in tables.");
        var seed = Option("--seed", defaults.Seed, "Seed of the generated ticks.");

        var root = new RootCommand("Sends generated ticks to a tikr.v1 server, verifies every bar of them and prints what it cost.")
        {
            address, spec, keys, uniform, perMessage, streams, shared, late, lateBy,
                ahead, seconds, ticks, warmUp, rate, client, noProbe, grace, noVerify,
            keyByKey, timeout, window, between, pid, database, metrics, store, data, json, label, seed,
        };
        Commands.AddTo(root);
        root.SetAction((parsed, cancellation) => run(
            new LoadOptions
            {
                Address = new Uri(parsed.GetValue(address)!),
                Shape = ShapeCatalog.Find(parsed.GetValue(spec)!),
                Keys = parsed.GetValue(keys),
                Zipf = !parsed.GetValue(uniform),
                TicksPerMessage = parsed.GetValue(perMessage),
                Streams = parsed.GetValue(streams),
                SharedKeys = parsed.GetValue(shared),
                LateShare = parsed.GetValue(late),
                LateSeconds = parsed.GetValue(lateBy),
                AheadSeconds = parsed.GetValue(ahead),
                Seconds = parsed.GetValue(seconds),
                Ticks = parsed.GetValue(ticks),
                WarmUpSeconds = parsed.GetValue(warmUp),
                Rate = parsed.GetValue(rate),
                GrpcClient = parsed.GetValue(client) == "grpc",
                Probe = !parsed.GetValue(noProbe),
                GraceSeconds = parsed.GetValue(grace),
                Verify = !parsed.GetValue(noVerify),
                KeyByKey = parsed.GetValue(keyByKey),
                VerifyTimeoutSeconds = parsed.GetValue(timeout),
                WindowSeconds = parsed.GetValue(window),
                Between = parsed.GetValue(between),
                ServerPid = parsed.GetValue(pid),
                DatabasePid = parsed.GetValue(database),
                Metrics = parsed.GetValue(metrics),
                Store = parsed.GetValue(store),
                DataFolder = parsed.GetValue(data),
                JsonFile = parsed.GetValue(json),
                Label = parsed.GetValue(label)!,
                Seed = parsed.GetValue(seed),
            },
            cancellation));
        return root;
    }

    private static Option<T> Option<T>(string name, T value, string description) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };

    private static Option<bool> Flag(string name, string description) => new(name) { Description = description };

    private static double Percent(ArgumentResult result)
    {
        var text = result.Tokens[^1].Value;
        if (double.TryParse(text.TrimEnd('%'), NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            return text.EndsWith('%') ? number / 100 : number;
        result.AddError($"--late {text}: must be a share such as 1% or 0.01.");
        return 0;
    }

    private static Uri? Url(ArgumentResult result)
    {
        if (Uri.TryCreate(result.Tokens[^1].Value, UriKind.Absolute, out var address)) return address;
        result.AddError($"{result.Tokens[^1].Value} is no URL.");
        return null;
    }
}
