using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;
using Tikr.Contracts;

namespace Tikr.Silo.Demo;

/// <summary>Shows bars: a live table where there is a terminal, else one plain line per bar.</summary>
internal abstract class DemoScreen
{
    /// <summary>The screen that fits the terminal.</summary>
    public static DemoScreen For(IAnsiConsole console, TextWriter plain) =>
        console.Profile is { Capabilities.Interactive: true, Out.IsTerminal: true } ? new TableScreen(console) : new PlainScreen(plain);

    /// <summary>Shows until the work is done; the work calls its argument whenever there is something new.</summary>
    public abstract Task ShowAsync(DemoFeed feed, DemoBars bars, Func<Action<IReadOnlyList<BarData>>, Task> work);

    /// <summary>A price of the demo, which is in 1/10,000.</summary>
    protected static string Price(BarData bar, string metric) =>
        (bar.Metrics[metric] / 10_000m).ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>The time of a bar.</summary>
    protected static string Clock(BarData bar) =>
        DateTimeOffset.FromUnixTimeSeconds((long)(bar.BucketTs / 1_000_000_000)).ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    private sealed class PlainScreen(TextWriter writer) : DemoScreen
    {
        public override Task ShowAsync(DemoFeed feed, DemoBars bars, Func<Action<IReadOnlyList<BarData>>, Task> work) => work(fresh =>
        {
            foreach (var bar in fresh) writer.WriteLine(Line(bar));
        });

        private static string Line(BarData bar) => string.Create(
            CultureInfo.InvariantCulture,
            $"{Clock(bar)} {bar.Dimensions["symbol"],-5} open {Price(bar, "open"),8} high {Price(bar, "high"),8} low "
                + $"{Price(bar, "low"),8} close {Price(bar, "close"),8} volume {bar.Metrics["volume"],8} ticks {bar.TickCount,5}");
    }

    private sealed class TableScreen(IAnsiConsole console) : DemoScreen
    {
        private static readonly string[] Columns = ["symbol", "bar", "open", "high", "low", "close", "volume", "ticks"];

        public override Task ShowAsync(DemoFeed feed, DemoBars bars, Func<Action<IReadOnlyList<BarData>>, Task> work) =>
            console.Live(new Text("waiting for the first bars")).AutoClear(true)
                .StartAsync(live => work(_ => live.UpdateTarget(View(feed, bars))));

        private static Rows View(DemoFeed feed, DemoBars bars)
        {
            var table = new Table().Border(TableBorder.Simple);
            foreach (var column in Columns)
                table.AddColumn(column is "symbol" or "bar" ? new TableColumn(column) : new TableColumn(column).RightAligned());
            foreach (var (symbol, bar) in bars.Latest)
            {
                var direction = Math.Sign(bar.Metrics["close"] - bar.Metrics["open"]);
                var style = new Style(direction > 0 ? Color.Green : direction < 0 ? Color.Red : Color.Default);
                IRenderable[] cells =
                [
                    new Text(symbol), new Text(Clock(bar)), new Text(Price(bar, "open")),
                        new Text(Price(bar, "high")), new Text(Price(bar, "low")),
                    new Text(Price(bar, "close"), style), new Text(Number(bar.Metrics["volume"])), new Text(Number((long)bar.TickCount)),
                ];
                table.AddRow(cells);
            }

            return new Rows(table, new Text(
                $"ticks sent {Number(feed.Sent)}, acknowledged {Number(feed.Acknowledged)}; bars {Number(bars.Count)}. Ctrl+C stops."));
        }

        private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
    }
}
