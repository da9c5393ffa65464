using Grpc.Core;
using Spectre.Console;

namespace Tikr.Cli.Replay;

/// <summary>Runs a replay.</summary>
internal sealed class Replayer(Terminal terminal, TimeProvider time)
{
    public async Task<int> RunAsync(ReplayOptions options, CancellationToken cancellation)
    {
        using var server = Server.At(options.Address);
        using var csv = new CsvReader(options.File);
        if (!csv.Read()) throw new CliException($"'{options.File}' is empty: a heading with column names is needed");
        var headings = Enumerable.Range(0, csv.FieldCount).Select(i => csv.Field(i).Trim().ToString()).ToArray();
        var series = await server.SeriesAsync(options.Series, cancellation);
        var map = ColumnMap.Create(options.File, headings, options.Maps, series);
        if (map.Ignored.Any()) await terminal.Out.WriteLineAsync($"columns not sent: {string.Join(", ", map.Ignored)}");
        var shift = options.Rebase ? Rebase.ToNow(options.File, map.Timestamp, series, options.Unit, time) : 0;
        if (options.Rebase) await terminal.Out.WriteLineAsync($"timestamps shifted by {shift} {options.Unit.Name}");

        var report = new ReplayReport();
        var started = time.GetTimestamp();
        await WithProgressAsync(csv, () => StreamAsync(server, csv, new TickReader(csv, map, shift), options, report, cancellation));
        report.Write(terminal, time.GetElapsedTime(started));
        return report.IsPerfect ? 0 : 1;
    }

    private static async Task StreamAsync(
        Server server, CsvReader csv, TickReader ticks, ReplayOptions options, ReplayReport report, CancellationToken cancellation)
    {
        var streams = Enumerable.Range(0, options.Streams)
            .Select(_ => new ReplayStream(server.Client, options.Series, options.Batch, cancellation)).ToArray();
        try
        {
            await FeedAsync(streams, csv, ticks, options, report, cancellation);
        }
        catch (RpcException)
        {
            // Reported below with the stream that failed.
        }

        foreach (var stream in streams)
        {
            await using (stream)
            {
                await EndAsync(stream, report, cancellation);
            }
        }
    }

    private static async Task FeedAsync(
        ReplayStream[] streams, CsvReader csv, TickReader ticks, ReplayOptions options, ReplayReport report, CancellationToken cancellation)
    {
        var next = 0;
        while (csv.Read())
        {
            if (ticks.Read(out var problem) is not { } tick)
            {
                report.BadLine(problem!);
                continue;
            }

            var wait = options.Pace.Until((long)tick.TimestampNs * options.Unit.Nanoseconds);
            if (wait > TimeSpan.Zero)
            {
                foreach (var stream in streams) await stream.FlushAsync(cancellation);
                await options.Pace.WaitAsync(wait, cancellation);
            }

            await streams[next].AddAsync(tick, cancellation);
            next = (next + 1) % streams.Length;
        }
    }

    private static async Task EndAsync(ReplayStream stream, ReplayReport report, CancellationToken cancellation)
    {
        try
        {
            report.Ended(stream.Sent, await stream.CompleteAsync(cancellation));
        }
        catch (RpcException error)
        {
            report.Failed(stream.Sent, error);
        }
    }

    private async Task WithProgressAsync(CsvReader csv, Func<Task> work)
    {
        if (!terminal.Console.Profile.Capabilities.Interactive)
        {
            await work();
            return;
        }

        await terminal.Console.Progress().AutoClear(true)
            .Columns(new SpinnerColumn(), new ProgressBarColumn(), new PercentageColumn(),
                new DownloadedColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
            .StartAsync(async progress =>
            {
                var task = progress.AddTask("replay", maxValue: Math.Max(csv.Length, 1));
                var replay = work();
                while (await Task.WhenAny(replay, Task.Delay(TimeSpan.FromMilliseconds(100), time)) != replay) task.Value = csv.Position;
                await replay;
            });
    }
}
