using System.Diagnostics;
using System.Globalization;
using Grpc.Net.Client;
using Tikr.Contracts;

namespace Tikr.LoadGenerator.Queries;

/// <summary>Times queries of bars on a history that it stores first: one key over all of it, and all keys over a minute.</summary>
internal static class HourRun
{
    private const int WarmUps = 10;

    public static async Task<int> RunAsync(HourOptions options, CancellationToken cancellation)
    {
        using var channel = GrpcChannel.ForAddress(options.Address, new GrpcChannelOptions { MaxReceiveMessageSize = null });
        var history = new History(new Contracts.Tikr.TikrClient(channel), options);
        var started = Stopwatch.GetTimestamp();
        await history.FillAsync(cancellation).ConfigureAwait(false);
        await history.WaitAsync(cancellation).ConfigureAwait(false);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var bars = (long)options.Keys * options.Seconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bars} bars of {options.Keys} keys stored in {seconds:0} s\n"));
        Console.WriteLine("| query | bars | queries | p50 ms | p99 ms | worst ms |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|");
        var random = new Random(options.Seed);
        await TimeAsync(history, options, $"1 key x {options.Seconds} s", options.Seconds, () => OneKey(history, options, random.Next(options.Keys)), cancellation).ConfigureAwait(false);
        await TimeAsync(
            history, options, $"{options.Keys} keys x 60 s", options.Keys * 60L, () => OneMinute(history, options, random.Next(options.Seconds - 60)), cancellation).ConfigureAwait(false);
        return 0;
    }

    private static BarQuery OneKey(History history, HourOptions options, int key)
    {
        var query = new BarQuery { Series = options.Shape.Series, StartNs = (ulong)history.FirstNs, EndNs = (ulong)history.EndNs };
        options.Shape.AddDimensions(query.Dimensions, key);
        return query;
    }

    private static BarQuery OneMinute(History history, HourOptions options, int second)
    {
        var from = history.FirstNs + (second * Shape.BucketNs);
        return new BarQuery { Series = options.Shape.Series, StartNs = (ulong)from, EndNs = (ulong)(from + (60 * Shape.BucketNs)) };
    }

    private static async Task TimeAsync(History history, HourOptions options, string name, long wanted, Func<BarQuery> next, CancellationToken cancellation)
    {
        var latencies = new Latencies();
        for (var i = -WarmUps; i < options.Queries; i++)
        {
            var query = next();
            var started = Stopwatch.GetTimestamp();
            var bars = await history.CountAsync(query, cancellation).ConfigureAwait(false);
            var elapsed = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            if (bars != wanted) throw new InvalidOperationException($"{name}: {bars} bars instead of {wanted}.");
            if (i >= 0) latencies.Add(elapsed);
        }

        var sorted = latencies.Take();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {wanted} | {options.Queries} | {Latencies.Quantile(sorted, 0.5):0.0} | {Latencies.Quantile(sorted, 0.99):0.0} | {sorted[^1]:0.0} |"));
    }
}
