using System.CommandLine;
using System.Globalization;
using Grpc.Core;
using Tikr.Contracts;

namespace Tikr.Cli.Query;

/// <summary>tikr ticks: asks for raw ticks. The columns are the fields of the first tick.</summary>
internal static class TicksCommand
{
    public static Command Create(Terminal terminal, TimeProvider time)
    {
        var options = new QueryOptions();
        var command = new Command("ticks", "Asks for raw ticks.");
        options.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var server = Server.At(parsed.GetRequiredValue(options.Address));
            var series = await server.SeriesAsync(parsed.GetRequiredValue(options.Series), cancellation);
            // One now for both ends: -24h to now is exactly the longest range.
            var now = time.GetUtcNow();
            var query = new TickQuery
            {
                Series = series.Name,
                StartNs = TimeText.Parse(parsed.GetRequiredValue(options.From), "--from", now),
                EndNs = TimeText.Parse(parsed.GetRequiredValue(options.To), "--to", now),
                Limit = parsed.GetValue(options.Limit),
            };
            foreach (var (name, value) in options.DimensionsOf(parsed)) query.Dimensions[name] = value;
            await WriteAsync(server.Client.QueryTicks(query, cancellationToken: cancellation),
                series, options.OutputOf(parsed, terminal), cancellation);
            return 0;
        });
        return command;
    }

    private static async Task WriteAsync(
        AsyncServerStreamingCall<TickData> call, SeriesInfo series, RowOutput output, CancellationToken cancellation)
    {
        using var _ = call;
        List<string>? fields = null;
        await foreach (var tick in call.ResponseStream.ReadAllAsync(cancellation))
        {
            if (fields is null)
            {
                fields = [.. tick.Fields.Keys];
                output.Begin(["timestamp_ns", "sequence", .. series.Dimensions, .. fields]);
            }

            output.Row(
            [
                output.Time(tick.TimestampNs),
                tick.Sequence.ToString(CultureInfo.InvariantCulture),
                .. series.Dimensions.Select(name => tick.Dimensions.GetValueOrDefault(name, "")),
                .. fields.Select(name => tick.Fields.TryGetValue(name, out var value) ? value.ToString(CultureInfo.InvariantCulture) : ""),
            ]);
        }

        output.End();
    }
}
