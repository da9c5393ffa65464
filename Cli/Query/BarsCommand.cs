using System.CommandLine;
using System.Globalization;
using Grpc.Core;
using Tikr.Contracts;

namespace Tikr.Cli.Query;

/// <summary>tikr bars: asks for bars.</summary>
internal static class BarsCommand
{
    public static Command Create(Terminal terminal, TimeProvider time)
    {
        var options = new QueryOptions();
        var open = new Option<bool>("--open") { Description = "Also show bars that are still open" };
        var command = new Command("bars", "Asks for bars.") { open };
        options.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var server = Server.At(parsed.GetRequiredValue(options.Address));
            var series = await server.SeriesAsync(parsed.GetRequiredValue(options.Series), cancellation);
            // One now for both ends: -24h to now is exactly the longest range.
            var now = time.GetUtcNow();
            var query = new BarQuery
            {
                Series = series.Name,
                StartNs = TimeText.Parse(parsed.GetRequiredValue(options.From), "--from", now),
                EndNs = TimeText.Parse(parsed.GetRequiredValue(options.To), "--to", now),
                Limit = parsed.GetValue(options.Limit),
                IncludeOpen = parsed.GetValue(open),
            };
            foreach (var (name, value) in options.DimensionsOf(parsed)) query.Dimensions[name] = value;
            await WriteAsync(server.Client.QueryBars(query, cancellationToken: cancellation),
                series, query.IncludeOpen, options.OutputOf(parsed, terminal), cancellation);
            return 0;
        });
        return command;
    }

    private static async Task WriteAsync(
        AsyncServerStreamingCall<BarData> call, SeriesInfo series, bool open, RowOutput output, CancellationToken cancellation)
    {
        using var _ = call;
        string[] state = open ? ["state"] : [];
        output.Begin(
            ["bucket_ts", .. series.Dimensions, .. series.Metrics, "ticks", "first_timestamp", "last_timestamp", "revision", .. state]);
        await foreach (var bar in call.ResponseStream.ReadAllAsync(cancellation))
        {
            string[] shown = open ? [bar.Open ? "open" : "closed"] : [];
            output.Row(
            [
                output.Time(bar.BucketTs),
                .. series.Dimensions.Select(name => bar.Dimensions.GetValueOrDefault(name, "")),
                .. series.Metrics.Select(name => bar.Metrics.TryGetValue(name, out var value) ? Number(value) : ""),
                Number(bar.TickCount),
                output.Time(bar.FirstTimestamp),
                output.Time(bar.LastTimestamp),
                Number(bar.Revision),
                .. shown,
            ]);
        }

        output.End();
    }

    private static string Number<T>(T value)
        where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);
}
