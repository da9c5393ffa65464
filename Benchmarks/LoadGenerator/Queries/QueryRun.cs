using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Grpc.Core;
using Grpc.Net.Client;
using Tikr.Contracts;

namespace Tikr.LoadGenerator.Queries;

/// <summary>Stores a past and times queries of its bars: of one key over more and more of it, and of all keys over a minute.</summary>
internal sealed class QueryRun(QueryOptions options) : IDisposable
{
    private const int Minute = 60;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10), Pause = TimeSpan.FromSeconds(1);

    private readonly GrpcChannel _channel = GrpcChannel.ForAddress(
        options.Address, new GrpcChannelOptions { MaxReceiveMessageSize = null });
    private readonly History _past = new(ShapeCatalog.Find("market"), options.Keys, options.History.Max());
    private readonly Random _random = new(1);

    public void Dispose() => _channel.Dispose();

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        await _past.SendAsync(new Contracts.Tikr.TikrClient(_channel), cancellation).ConfigureAwait(false);
        await WaitAsync(cancellation).ConfigureAwait(false);
        Console.WriteLine($"{(long)options.Keys * options.History.Max()} bars of {options.Keys} "
            + $"keys stored in {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s\n");
        Console.WriteLine(
            "| case | query | bars | queries | p50 ms | p99 ms | server CPU ms | B/bar |\n|---|---|---:|---:|---:|---:|---:|---:|");
        foreach (var history in options.History)
        {
            var result = await MeasureAsync(history, () => _past.OfKey(_random.Next(options.Keys), history), cancellation)
                .ConfigureAwait(false);
            Print($"1 key x {history} s", result);
            if (options.JsonFile is null) continue;
            await File.AppendAllLinesAsync(options.JsonFile,
                [JsonSerializer.Serialize(result, QueryResultJson.Default.QueryResult)], cancellation).ConfigureAwait(false);
        }

        if (!options.Minute) return 0;
        var all = await MeasureAsync(options.Keys * Minute,
            () => _past.OfAll(_random.Next(Minute, options.History.Max() + 1), Minute), cancellation).ConfigureAwait(false);
        Print($"{options.Keys} keys x {Minute} s", all);
        return 0;
    }

    private static void Print(string query, QueryResult result) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"| {result.Label} | {query} | {result.History} | {result.Queries} | {result.P50Ms:0.00} "
            + $"| {result.P99Ms:0.00} | {result.ServerCpuMs:0.00} | {result.BytesPerBar} |"));

    private async Task<QueryResult> MeasureAsync(int wanted, Func<BarQuery> next, CancellationToken cancellation)
    {
        // The first queries pay for compiling.
        for (var i = 0; i < Math.Min(50, options.Repeat); i++) await AskAsync(next(), cancellation).ConfigureAwait(false);
        var latencies = new Latencies();
        var (cpu, bytes) = (ProcessMeter.CpuSeconds(options.ServerPid), 0L);
        for (var i = 0; i < options.Repeat; i++)
        {
            var query = next();
            var started = Stopwatch.GetTimestamp();
            var (bars, size) = await AskAsync(query, cancellation).ConfigureAwait(false);
            latencies.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            if (bars != wanted) throw new InvalidOperationException($"{bars} bars were answered instead of {wanted}.");
            bytes = size / bars;
        }

        var sorted = latencies.Take();
        return new QueryResult(
            options.Label, wanted, options.Repeat, Latencies.Quantile(sorted, 0.5), Latencies.Quantile(sorted, 0.99),
            (ProcessMeter.CpuSeconds(options.ServerPid) - cpu) * 1000 / options.Repeat, bytes);
    }

    private async Task<(int Bars, long Bytes)> AskAsync(BarQuery query, CancellationToken cancellation)
    {
        using var call = _channel.CreateCallInvoker()
            .AsyncServerStreamingCall(RawBarQuery.Method, null, new CallOptions(cancellationToken: cancellation), query);
        var (bars, bytes) = (0, 0L);
        while (await call.ResponseStream.MoveNext(cancellation).ConfigureAwait(false))
        {
            bars++;
            bytes += call.ResponseStream.Current.Bytes;
        }

        return (bars, bytes);
    }

    /// <summary>Waits until every key has every bar, minute by minute.</summary>
    private async Task WaitAsync(CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        for (var left = options.History.Max(); left > 0;)
        {
            var length = Math.Min(Minute, left);
            var (found, wanted) = ((await AskAsync(_past.OfAll(left, length), cancellation).ConfigureAwait(false)).Bars,
                options.Keys * length);
            if (found == wanted) left -= length;
            else if (Stopwatch.GetElapsedTime(started) < Patience) await Task.Delay(Pause, cancellation).ConfigureAwait(false);
            else throw new TimeoutException(
                $"{found} of {wanted} bars are stored in a minute of the past after {Patience.TotalMinutes:0} min.");
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(QueryResult))]
internal sealed partial class QueryResultJson : JsonSerializerContext;
