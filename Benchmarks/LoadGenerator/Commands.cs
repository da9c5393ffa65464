using System.CommandLine;
using System.Globalization;
using Tikr.LoadGenerator.Charts;
using Tikr.LoadGenerator.Queries;

namespace Tikr.LoadGenerator;

/// <summary>What the program does beside sending.</summary>
internal static class Commands
{
    public static void AddTo(RootCommand root)
    {
        var results = new Argument<string>("file") { Description = "What --json has written." };
        var summary = new Command("summary", "Prints one table of several runs: medians and spread.") { results };
        summary.SetAction(parsed => Summary.Print(parsed.GetValue(results)!));
        root.Add(summary);

        var share = new Argument<double>("share") { Description = "Such as 0.5." };
        var rate = new Command("rate", "Prints a share of the median speed of the last case, for --rate.") { results, share };
        rate.SetAction(parsed => Console.WriteLine(
            Summary.RateOf(parsed.GetValue(results)!, parsed.GetValue(share)).ToString(CultureInfo.InvariantCulture)));
        root.Add(rate);

        var shape = new Argument<string>("name") { Description = ShapeCatalog.Names };
        var grace = new Option<string?>("--grace") { Description = "Grace as a spec writes it, such as 1s; otherwise left out." };
        var spec = new Command("spec", "Prints the spec file that a server needs for --spec.") { shape, grace };
        spec.SetAction(parsed => Console.Write(SpecWriter.Write(ShapeCatalog.Find(parsed.GetValue(shape)!), parsed.GetValue(grace))));
        root.Add(spec);

        root.Add(Query());
        root.Add(Draw());
    }

    private static Command Query()
    {
        var address = new Option<string>(
            "--address")
        { Description = "Server, as a URL.", DefaultValueFactory = _ => "http://127.0.0.1:9876" };
        var keys = new Option<int>("--keys") { Description = "Keys with a bar in every second of the past.", DefaultValueFactory = _ => 8 };
        var history = new Option<int[]>("--history")
        {
            Description = "Bars of one key to ask for; the longest is the past "
            + "that is stored first.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [60, 600, 3_600]
        };
        var minute = new Option<bool>("--minute") { Description = "Ask for a minute of all keys, too; the past must be longer." };
        var repeat = new Option<int>("--repeat") { Description = "Queries of each kind.", DefaultValueFactory = _ => 300 };
        var pid = new Option<int?>("--server-pid") { Description = "Server process on this machine, for its CPU time." };
        var label = new Option<string>("--label") { Description = "Name of the case in tables.", DefaultValueFactory = _ => "" };
        var json = new Option<string?>("--json") { Description = "Also append results to this file, one JSON object per line." };
        var query = new Command("query",
            "Gives keys of market_ticks a past of a bar per second, then measures how long queries of their bars take.")
        {
            address, keys, history, minute, repeat, pid, label, json,
        };
        query.SetAction(async (parsed, cancellation) =>
        {
            using var run = new QueryRun(new QueryOptions(
                new Uri(parsed.GetValue(address)!), parsed.GetValue(keys),
                    parsed.GetValue(history)!, parsed.GetValue(minute), parsed.GetValue(repeat),
                parsed.GetValue(pid), parsed.GetValue(label)!, parsed.GetValue(json)));
            return await run.RunAsync(cancellation).ConfigureAwait(false);
        });
        return query;
    }

    private static Command Draw()
    {
        var file = new Argument<string>("file") { Description = "Results, JSON lines." };
        var x = new Argument<string>("x") { Description = "Number to the right, by its name in the results." };
        var output = new Argument<string>("svg") { Description = "The picture." };
        var panels = new Option<string[]>("--panel") { Description = "A panel each: title=name[,name][*factor].", Required = true };
        var title = new Option<string>("--x-title") { Description = "What stands to the right.", DefaultValueFactory = _ => "" };
        var draw = new Command("draw", "Draws results as a picture.") { file, x, output, panels, title };
        draw.SetAction(parsed => File.WriteAllText(parsed.GetValue(output)!, Svg.Draw([.. parsed.GetValue(panels)!.Select(panel =>
        {
            var (name, what) = (panel.Split('=')[0], panel.Split('=')[1].Split('*'));
            var scale = what.Length > 1 ? double.Parse(what[1], CultureInfo.InvariantCulture) : 1;
            return new Panel(name, parsed.GetValue(title)!,
                Chart.Read(parsed.GetValue(file)!, parsed.GetValue(x)!, what[0].Split(','), scale));
        })])));
        return draw;
    }
}
