using Grpc.Core;
using Tikr.Contracts;

namespace Tikr.LoadGenerator.Measuring;

/// <summary>
/// Asks for the bars of a few keys from the end of each bucket and its grace on, until they are there: how long a reader waits. Keys are
/// spread over the ranks, so that frequent and rare ones are among them; a bucket for which a later one was answered first has no bar.
/// </summary>
internal sealed class VisibleProbe(Contracts.Tikr.TikrClient client, LoadOptions options)
{
    private const int MostKeys = 8;

    // A delay is known to a sixteenth of itself: asking more often would become the load where bars are late, or where a key has none.
    private const int Exactness = 16;
    private const long LeastPauseMs = 10, MostPauseMs = 100;

    private long _endNs = long.MaxValue;

    public Latencies Latencies { get; } = new();

    /// <summary>Asks on only for bars of buckets that have ended, so that the slowest are counted too.</summary>
    public void Finish() => Volatile.Write(ref _endNs, NowNs());

    public Task RunAsync(CancellationToken stop) =>
        Task.WhenAll(Enumerable.Range(0, Math.Min(MostKeys, options.Keys))
            .Select(i => WatchAsync((int)((long)i * options.Keys / Math.Min(MostKeys, options.Keys)), stop)));

    private async Task WatchAsync(int key, CancellationToken stop)
    {
        var graceNs = (long)(options.GraceSeconds * 1e9);
        // The bucket that has begun already may have closed before the load was there.
        var next = (NowNs() / Shape.BucketNs * Shape.BucketNs) + Shape.BucketNs;
        try
        {
            while (next + Shape.BucketNs <= Volatile.Read(ref _endNs))
            {
                var due = next + Shape.BucketNs + graceNs;
                if (due > NowNs()) await Task.Delay(TimeSpan.FromTicks((due - NowNs()) / 100), stop).ConfigureAwait(false);
                var (bucket, atNs) = await FirstFromAsync(key, next, stop).ConfigureAwait(false);
                if (bucket == next) Latencies.Add(Math.Max(0, (atNs - due) / 1e6));
                if (bucket >= next) next = bucket + Shape.BucketNs;
                else await Task.Delay(PauseAfter(NowNs() - due), stop).ConfigureAwait(false);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled })
        {
            // Told to stop.
        }
    }

    private static TimeSpan PauseAfter(long waitedNs) =>
        TimeSpan.FromMilliseconds(Math.Clamp(waitedNs / Exactness / 1_000_000, LeastPauseMs, MostPauseMs));

    private async Task<(long Bucket, long AtNs)> FirstFromAsync(int key, long fromNs, CancellationToken stop)
    {
        var query = new BarQuery
        {
            Series = options.Shape.Series,
            StartNs = (ulong)fromNs,
            EndNs = (ulong)(fromNs + (60 * Shape.BucketNs))
        };
        options.Shape.AddDimensions(query.Dimensions, key);
        using var call = client.QueryBars(query, cancellationToken: stop);
        return await call.ResponseStream.MoveNext(stop).ConfigureAwait(false)
            ? ((long)call.ResponseStream.Current.BucketTs, NowNs()) : (-1, 0);
    }

    private static long NowNs() => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;
}
