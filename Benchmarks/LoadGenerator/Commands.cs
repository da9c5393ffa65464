using System.CommandLine;
using System.Globalization;

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
        rate.SetAction(parsed => Console.WriteLine(Summary.RateOf(parsed.GetValue(results)!, parsed.GetValue(share)).ToString(CultureInfo.InvariantCulture)));
        root.Add(rate);

        var shape = new Argument<string>("name") { Description = ShapeCatalog.Names };
        var grace = new Option<string?>("--grace") { Description = "Grace as a spec writes it, such as 1s; otherwise left out." };
        var spec = new Command("spec", "Prints the spec file that a server needs for --spec.") { shape, grace };
        spec.SetAction(parsed => Console.Write(SpecWriter.Write(ShapeCatalog.Find(parsed.GetValue(shape)!), parsed.GetValue(grace))));
        root.Add(spec);
        root.Add(Queries.QueryCommand.Create());
    }
}
