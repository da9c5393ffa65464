namespace Tikr.Tests.Cluster.Load;

/// <summary>A client that sends stream after stream until it is stopped, whatever happens to servers.</summary>
/// <param name="rules">What it keeps to.</param>
/// <param name="servers">The first is its own; the others it goes to only where it retries.</param>
/// <param name="ticks">Its ticks.</param>
/// <param name="ledger">Where it says what it knows.</param>
/// <param name="seed">Makes sizes repeatable.</param>
internal sealed class Producer(
    ProducerRules rules, IReadOnlyList<ClusterServer> servers, TickSource ticks, LoadLedger ledger, int seed)
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(60), AfterFailure = TimeSpan.FromMilliseconds(250);
    private readonly Random _random = new(seed);
    private readonly StreamSender _sender = new(ledger);

    /// <summary>Sends until <paramref name="stop"/>, then waits for the last answer until <paramref name="abandon"/>.</summary>
    public async Task RunAsync(CancellationToken stop, CancellationToken abandon)
    {
        using var pace = new PeriodicTimer(Pace);
        using var afterFailure = new PeriodicTimer(AfterFailure);
        var at = 0;
        while (!stop.IsCancellationRequested)
        {
            var messages = _random.Next(1, rules.MostMessages + 1);
            List<List<MarketTick>> sent = [];
            while (!await _sender.SendAsync(servers[at], MessagesAsync(), rules.Patience, abandon))
            {
                await WaitAsync(afterFailure, abandon);
                if (!rules.Retries || abandon.IsCancellationRequested) break;
                at = (at + 1) % servers.Count;
            }

            await WaitAsync(pace, stop);

            // A retry sends the same again; what was never sent is made while the stream is open.
            async IAsyncEnumerable<List<MarketTick>> MessagesAsync()
            {
                var again = sent.ToArray();
                foreach (var message in again) yield return message;
                for (var i = again.Length; i < messages && (i == 0 || !stop.IsCancellationRequested); i++)
                {
                    if (i > 0 && rules.IsPaced) await WaitAsync(pace, stop);
                    sent.Add(ticks.Next(_random.Next(1, rules.MostTicks + 1)));
                    yield return sent[^1];
                }
            }
        }
    }

    private static async Task WaitAsync(PeriodicTimer timer, CancellationToken stop)
    {
        try
        {
            await timer.WaitForNextTickAsync(stop);
        }
        catch (OperationCanceledException)
        {
            // Whoever asks next sees it.
        }
    }
}
