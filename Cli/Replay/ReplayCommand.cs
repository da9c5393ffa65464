using System.CommandLine;

namespace Tikr.Cli.Replay;

/// <summary>tikr replay: streams a CSV file into a series.</summary>
internal static class ReplayCommand
{
    public static Command Create(Terminal terminal, TimeProvider time)
    {
        var file = new Argument<string>("file") { Description = "CSV file with a heading, .csv or .csv.gz" };
        var series = new Option<string>("--series", "-s") { Description = "Series to write to", Required = true };
        var map = new Option<string[]>("--map", "-m")
        {
            Description = "COLUMN=timestamp|sequence|dim:NAME|field:NAME|ignore, or "
                + "auto: every other column is a field of its own name (as without --map)",
            DefaultValueFactory = _ => [],
        };
        var rebase = new Option<string?>("--rebase")
        {
            Description = "now: shift all timestamps "
            + "by whole buckets so that the last tick falls in the latest complete bucket"
        };
        var speed = new Option<string>(
            "--speed")
        { Description = "max, realtime, or a factor such as 10x", DefaultValueFactory = _ => "max" };
        var streams = new Option<int>(
            "--streams")
        { Description = "Ingest streams, fed line by line in turn", DefaultValueFactory = _ => 1 };
        var batch = new Option<int>("--batch") { Description = "Ticks per message", DefaultValueFactory = _ => 1000 };
        var unit = new Option<string>(
            "--unit")
        { Description = "Unit of the timestamps: ns, us or ms, as the series' precision", DefaultValueFactory = _ => "ns" };
        var address = Server.AddressOption();
        rebase.AcceptOnlyFromAmong("now");

        var command = new Command("replay", "Streams a CSV file into a series and reports what became of every line.")
        {
            file, series, map, rebase, speed, streams, batch, unit, address,
        };
        command.SetAction((parsed, cancellation) => new Replayer(terminal, time).RunAsync(
            new ReplayOptions(
                parsed.GetRequiredValue(file),
                parsed.GetRequiredValue(series),
                parsed.GetRequiredValue(map),
                parsed.GetValue(rebase) is not null,
                Pace.Parse(parsed.GetRequiredValue(speed), time),
                AtLeastOne(parsed.GetRequiredValue(streams), "--streams"),
                AtLeastOne(parsed.GetRequiredValue(batch), "--batch"),
                TimeUnit.Parse(parsed.GetRequiredValue(unit)),
                parsed.GetRequiredValue(address)),
            cancellation));
        return command;
    }

    private static int AtLeastOne(int value, string option) =>
        value >= 1 ? value : throw new CliException($"{option} {value} is too small: at least 1");
}

/// <summary>What a replay is asked to do.</summary>
internal sealed record ReplayOptions(
    string File, string Series, IReadOnlyList<string> Maps, bool Rebase, Pace Pace, int Streams, int Batch, TimeUnit Unit, string Address);
