using System.Globalization;
using System.IO.Compression;

namespace Tikr.Tests.Support.Processes;

/// <summary>
/// A day of trades and the bars they must become: a real one where its files are at hand, otherwise a generated one of similar shape.
/// </summary>
public sealed record Market(string Source, IReadOnlyList<MarketTick> Ticks, IReadOnlyList<MarketBar> Bars)
{
    /// <summary>Environment variable with the folder of the real trades.</summary>
    public const string FolderVariable = "TIKR_DATA_FOLDER";

    private const string TradesFile = "us-equity-trades-20131007.csv.gz", BarsFile = "us-equity-bars-1s-20131007.csv.gz";

    /// <summary>The real day if its folder is named and has it, otherwise the generated one.</summary>
    public static Market Load()
    {
        var folder = Environment.GetEnvironmentVariable(FolderVariable);
        return string.IsNullOrEmpty(folder) || !File.Exists(Path.Combine(folder, TradesFile))
            ? GeneratedMarket.Day(seed: 7) : ReadDay(folder);
    }

    /// <summary>Moves the day by whole buckets so that its last tick falls into the latest complete one.</summary>
    public Market RebasedToNow()
    {
        var shift = WallClock.LatestCompleteBucket - WallClock.BucketOf(Ticks.Max(tick => tick.Time));
        return this with
        {
            Ticks = [.. Ticks.Select(tick => tick with { Time = tick.Time + shift })],
            Bars = [.. Bars.Select(bar => bar.Shifted(shift))]
        };
    }

    /// <summary>Writes the trades as the CSV file that the command line tool replays.</summary>
    public void WriteTrades(string file) => File.WriteAllLines(
        file,
        Ticks.Select(
            tick => string.Create(CultureInfo.InvariantCulture, $"{tick.Time},{tick.Symbol},{tick.Price},{tick.Quantity},{tick.Sequence}"))
            .Prepend("timestamp_ns,symbol,price,quantity,sequence"));

    private static Market ReadDay(string folder) => new(
        folder,
        [.. Rows(Path.Combine(folder, TradesFile))
            .Select(row => new MarketTick(row[1], Number(row[0]), Number(row[2]), Number(row[3]), (uint)Number(row[4])))],
        [
            .. Rows(Path.Combine(folder, BarsFile)).Select(row => new MarketBar(
                row[0], Number(row[1]), Number(row[2]), Number(row[3]), Number(row[4]),
                    Number(row[5]), Number(row[6]), Number(row[7]), Number(row[8]), Number(row[9]))),
        ]);

    private static IEnumerable<string[]> Rows(string file)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
        reader.ReadLine();
        while (reader.ReadLine() is { } line) yield return line.Split(',');
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
