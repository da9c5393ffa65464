using System.CommandLine;

namespace Tikr.LoadGenerator.Queries;

/// <summary>The command that times queries.</summary>
internal static class HourCommand
{
    public static Command Create()
    {
        var defaults = new HourOptions { Address = new Uri("http://127.0.0.1:9876"), Shape = ShapeCatalog.Find("market") };
        var address = Option("--address", defaults.Address.ToString(), "Server with an empty store, as a URL.");
        var keys = Option("--keys", defaults.Keys, "Keys with a bar in every second.");
        var seconds = Option("--seconds", defaults.Seconds, "Seconds of history, at least 61; the TTLs must be longer.");
        var queries = Option("--queries", defaults.Queries, "Timed queries of each kind.");
        var command = new Command("queries", "Stores a bar per key and second up to now and times queries of bars: p50 and p99.") { address, keys, seconds, queries };
        command.SetAction((parsed, cancellation) => HourRun.RunAsync(
            defaults with
            {
                Address = new Uri(parsed.GetValue(address)!),
                Keys = Math.Max(1, parsed.GetValue(keys)),
                Seconds = Math.Max(61, parsed.GetValue(seconds)),
                Queries = Math.Max(1, parsed.GetValue(queries)),
            },
            cancellation));
        return command;
    }

    private static Option<T> Option<T>(string name, T value, string description) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };
}
