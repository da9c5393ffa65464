using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Grpc.Core;
using Grpc.Net.Client;
using Tikr.Contracts;

namespace Tikr.LoadGenerator.Queries;

/// <summary>Asks for the bars of one key over a growing past.</summary>
internal sealed class QueryRun(QueryOptions options) : IDisposable
{
    private const int Keys = 8;

    private readonly GrpcChannel _channel = GrpcChannel.ForAddress(options.Address, new GrpcChannelOptions { MaxReceiveMessageSize = null });
    private readonly Shape _shape = ShapeCatalog.Find("market");

    public void Dispose() => _channel.Dispose();

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var past = new Backfill(new Contracts.Tikr.TikrClient(_channel), _shape, Keys);
        await past.SendAsync(options.History.Max(), cancellation).ConfigureAwait(false);
        await WaitAsync(past.EndNs, options.History.Max(), cancellation).ConfigureAwait(false);
        Console.WriteLine("| case | bars | queries | p50 ms | p99 ms | server CPU ms | B/bar |\n|---|---:|---:|---:|---:|---:|---:|");
        foreach (var history in options.History)
        {
            var result = await MeasureAsync(past.EndNs, history, cancellation).ConfigureAwait(false);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {result.Label} | {history} | {result.Queries} | {result.P50Ms:0.00} | {result.P99Ms:0.00} | {result.ServerCpuMs:0.00} | {result.BytesPerBar} |"));
            if (options.JsonFile is null) continue;
            await File.AppendAllLinesAsync(options.JsonFile, [JsonSerializer.Serialize(result, QueryResultJson.Default.QueryResult)], cancellation).ConfigureAwait(false);
        }

        return 0;
    }

    private async Task<QueryResult> MeasureAsync(long endNs, int history, CancellationToken cancellation)
    {
        // The first queries pay for compiling.
        for (var i = 0; i < Math.Min(50, options.Repeat); i++) await QueryAsync(i % Keys, endNs, history, cancellation).ConfigureAwait(false);
        var latencies = new Latencies();
        var (cpu, bytes) = (ProcessMeter.CpuSeconds(options.ServerPid), 0L);
        for (var i = 0; i < options.Repeat; i++)
        {
            var started = Stopwatch.GetTimestamp();
            var (bars, size) = await QueryAsync(i % Keys, endNs, history, cancellation).ConfigureAwait(false);
            latencies.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            if (bars != history) throw new InvalidOperationException($"{bars} bars were answered instead of {history}.");
            bytes = size / bars;
        }

        var sorted = latencies.Take();
        return new QueryResult(
            options.Label, history, options.Repeat, Latencies.Quantile(sorted, 0.5), Latencies.Quantile(sorted, 0.99),
            (ProcessMeter.CpuSeconds(options.ServerPid) - cpu) * 1000 / options.Repeat, bytes);
    }

    private async Task<(int Bars, long Bytes)> QueryAsync(int key, long endNs, int history, CancellationToken cancellation)
    {
        var query = new BarQuery { Series = _shape.Series, StartNs = (ulong)(endNs - (history * Shape.BucketNs)), EndNs = (ulong)endNs };
        _shape.AddDimensions(query.Dimensions, key);
        using var call = _channel.CreateCallInvoker().AsyncServerStreamingCall(RawBarQuery.Method, null, new CallOptions(cancellationToken: cancellation), query);
        var (bars, bytes) = (0, 0L);
        while (await call.ResponseStream.MoveNext(cancellation).ConfigureAwait(false))
        {
            bars++;
            bytes += call.ResponseStream.Current.Bytes;
        }

        return (bars, bytes);
    }

    private async Task WaitAsync(long endNs, int history, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        for (var key = 0; key < Keys; key++)
        {
            for (var turn = 0; (await QueryAsync(key, endNs, history, cancellation).ConfigureAwait(false)).Bars != history; turn++)
            {
                if (turn == 60) throw new InvalidOperationException($"The bars of key {key} were not there after a minute.");
                await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false);
            }
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(QueryResult))]
internal sealed partial class QueryResultJson : JsonSerializerContext;
