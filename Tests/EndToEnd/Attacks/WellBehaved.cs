using System.Diagnostics;
using Grpc.Net.Client;

namespace Tikr.Tests.EndToEnd.Attacks;

/// <summary>
/// A client that sends a few ticks, reads its own bars and asks for health, over and over, with connections of its own: what an attack must
/// not disturb.
/// </summary>
internal sealed class WellBehaved : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly SiloProcess _silo;
    private readonly GrpcChannel _channel;
    private readonly HttpClient _http = new() { Timeout = Patience };
    private readonly CancellationTokenSource _end = new();
    private readonly List<(string Call, TimeSpan Elapsed, string? Error)> _calls = [];
    private readonly Task _running;

    private WellBehaved(SiloProcess silo)
    {
        _silo = silo;
        _channel = silo.NewChannel();
        _running = Task.Run(RunAsync);
    }

    /// <summary>Begins to work.</summary>
    public static WellBehaved Beside(SiloProcess silo) => new(silo);

    /// <summary>Lets it work for a while.</summary>
    public static Task WorksForAsync(TimeSpan time) => Eventually.ClockPassesAsync(WallClock.NowNs + (long)time.TotalNanoseconds);

    /// <summary>Ends, and holds that at least 99 of 100 calls were answered well within a second.</summary>
    public async Task WasServedAsync()
    {
        await EndAsync();
        var bad = _calls.Where(call => call.Error is not null || call.Elapsed > TimeSpan.FromSeconds(1)).ToList();
        var shown = string.Join("\n", bad.Take(10).Select(call => $"{call.Call}: {call.Elapsed.TotalMilliseconds:0} ms {call.Error}"));
        var worst = _calls.Max(call => call.Elapsed).TotalMilliseconds;
        TestContext.Current.SendDiagnosticMessage(
            $"{_calls.Count} calls beside, {bad.Count} bad, slowest {worst:0} ms, server {_silo.Program.ResidentMegabytes:0} MB");
        Assert.True(_calls.Count >= 50, $"only {_calls.Count} calls were made");
        Assert.True(
            bad.Count * 100 <= _calls.Count,
            $"{bad.Count} of {_calls.Count} calls were slow or failed:\n{shown}\n{_silo.Program.Output}");
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _channel.Dispose();
        _http.Dispose();
        _end.Dispose();
    }

    private async Task EndAsync()
    {
        await _end.CancelAsync();
        await _running;
    }

    private async Task RunAsync()
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (uint number = 1; !_end.IsCancellationRequested; number++)
        {
            await MeasureAsync("ingest", () => IngestAsync(number));
            await MeasureAsync("query", QueryAsync);
            await MeasureAsync("/healthz", () => _http.GetStringAsync(new Uri($"{_silo.HttpAddress}/healthz")));
            await MeasureAsync("/readyz", () => _http.GetStringAsync(new Uri($"{_silo.HttpAddress}/readyz")));
            await pause.WaitForNextTickAsync();
        }
    }

    private async Task IngestAsync(uint number)
    {
        var ticks = Enumerable.Range(0, 100).Select(i => new MarketTick($"GOOD{i}", WallClock.NowNs, 1, 1, number).ToData());
        using var late = new CancellationTokenSource(Patience);
        using var call = new TikrClient(_channel).IngestTicks(cancellationToken: late.Token);
        await call.RequestStream.WriteAsync(new IngestRequest { Series = Ingest.MarketSeries, Ticks = { ticks } });
        await call.RequestStream.CompleteAsync();
        var answer = await call.ResponseAsync;
        if (answer.TicksReceived != 100) throw new InvalidOperationException($"acknowledged {answer}");
    }

    private async Task QueryAsync()
    {
        var to = WallClock.LatestCompleteBucket;
        var query = new BarQuery { Series = Ingest.MarketSeries, StartNs = (ulong)(to - (10 * WallClock.Second)), EndNs = (ulong)to }
            .With("symbol", "GOOD1");
        using var late = new CancellationTokenSource(Patience);
        using var call = new TikrClient(_channel).QueryBars(query, cancellationToken: late.Token);
        await call.ResponseStream.ReadAllAsync().ToListAsync();
    }

    private async Task MeasureAsync(string name, Func<Task> call)
    {
        var started = Stopwatch.GetTimestamp();
        string? error = null;
        try
        {
            await call();
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            error = failure.Message;
        }

        _calls.Add((name, Stopwatch.GetElapsedTime(started), error));
    }
}
