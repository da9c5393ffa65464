using System.Diagnostics;
using System.Globalization;

namespace Tikr.Tests.Cluster.Load;

/// <summary>Sends ticks as streams and tells the ledger what came of them.</summary>
internal sealed class StreamSender(LoadLedger ledger)
{
    /// <summary>Sends one stream; answers whether it was acknowledged whole.</summary>
    /// <param name="to">The server.</param>
    /// <param name="messages">The ticks of each message.</param>
    /// <param name="patience">What the client waits for the end of it all.</param>
    /// <param name="abandon">Ends it without an answer.</param>
    public async Task<bool> SendAsync(
        ClusterServer to, IAsyncEnumerable<List<MarketTick>> messages, TimeSpan patience, CancellationToken abandon)
    {
        List<MarketTick> sent = [];
        try
        {
            var deadline = (TimeProvider.System.GetUtcNow() + patience).UtcDateTime;
            using var call = to.Client.IngestTicks(deadline: deadline, cancellationToken: abandon);
            try
            {
                await foreach (var message in messages)
                {
                    sent.AddRange(message);
                    ledger.Sending(message);
                    await call.RequestStream.WriteAsync(Assert.Single(message.ToRequests()), abandon);
                }

                await AnswerAsync(call, to, sent);
                return true;
            }
            catch (Exception failure) when (IsLoss(failure))
            {
                ledger.Acknowledge(sent.Take(await KeptAsync(call)));
                return false;
            }
        }
        catch (Exception failure) when (IsLoss(failure))
        {
            return false;
        }
    }

    private async Task AnswerAsync(AsyncClientStreamingCall<IngestRequest, IngestResponse> call, ClusterServer to, List<MarketTick> sent)
    {
        var (at, started) = (WallClock.NowNs, Stopwatch.GetTimestamp());
        await call.RequestStream.CompleteAsync();
        var answer = await call.ResponseAsync;
        if (answer.TicksReceived != (ulong)sent.Count)
            throw new InvalidDataException($"{sent.Count} good ticks were sent to {to.Name} and {answer} was answered.");
        ledger.Acknowledge(sent);
        ledger.Answered(new Acknowledgement(to.Name, at, Stopwatch.GetElapsedTime(started)));
    }

    /// <summary>How many the server says are kept although the stream failed: the first so many.</summary>
    private static async Task<int> KeptAsync(AsyncClientStreamingCall<IngestRequest, IngestResponse> call)
    {
        try
        {
            await call.ResponseAsync;
        }
        catch (RpcException failure)
        {
            return int.TryParse(failure.Trailers.GetValue("tikr-ticks-received"), CultureInfo.InvariantCulture, out var kept) ? kept : 0;
        }
        catch (OperationCanceledException)
        {
            // Abandoned: nobody waited for the count.
        }

        return 0;
    }

    /// <summary>The server died, hangs or was cut off, or the load was stopped: what was not acknowledged may be stored or not.</summary>
    private static bool IsLoss(Exception failure) =>
        failure is IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException or RpcException;
}
