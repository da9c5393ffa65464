using System.Diagnostics;
using Grpc.Core;
using Tikr.Contracts;

namespace Tikr.LoadGenerator.Checking;

/// <summary>
/// Asks the server for every bar and compares each value; asks again until all are there or the time is up. A server to which a query
/// without dimensions means no key instead of every key is asked key by key.
/// </summary>
internal sealed class BarVerifier(Contracts.Tikr.TikrClient client, LoadOptions options, int keys)
{
    private const int Parallel = 16;

    private readonly KeyNames _names = new(options.Shape, keys);
    private bool _keyByKey = options.KeyByKey;

    public async Task<Verification> RunAsync(ExpectedRun expected, CancellationToken cancellation)
    {
        if (expected.Bars == 0) return Verification.None;
        var started = Stopwatch.GetTimestamp();
        using var retry = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (true)
        {
            var result = await CompareAsync(expected, cancellation).ConfigureAwait(false);
            if (result.Holds || Stopwatch.GetElapsedTime(started).TotalSeconds > options.VerifyTimeoutSeconds) return result;
            await retry.WaitForNextTickAsync(cancellation).ConfigureAwait(false);
        }
    }

    private async Task<Verification> CompareAsync(ExpectedRun expected, CancellationToken cancellation)
    {
        var comparison = new Comparison(options.Shape, _names, expected);
        if (!_keyByKey)
        {
            await QueryAsync(null, expected, comparison, cancellation).ConfigureAwait(false);
            if (comparison.Any) return comparison.Result;
        }

        var wanted = expected.Buckets.SelectMany(bucket => bucket.Keys).Distinct().Order();
        await System.Threading.Tasks.Parallel.ForEachAsync(
            wanted, new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancellation },
            async (key, stop) => await QueryAsync(key, expected, comparison, stop).ConfigureAwait(false)).ConfigureAwait(false);
        _keyByKey |= comparison.Any;
        return comparison.Result;
    }

    private async Task QueryAsync(int? key, ExpectedRun expected, Comparison comparison, CancellationToken cancellation)
    {
        var query = new BarQuery { Series = options.Shape.Series, StartNs = (ulong)expected.FirstBucket, EndNs = (ulong)expected.EndNs };
        if (key is not null) options.Shape.AddDimensions(query.Dimensions, key.Value);
        using var call = client.QueryBars(query, cancellationToken: cancellation);
        try
        {
            await foreach (var bar in call.ResponseStream.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                lock (comparison) comparison.Add(bar);
            }
        }
        catch (RpcException refused) when (key is null && refused.StatusCode is StatusCode.InvalidArgument or StatusCode.NotFound)
        {
            // A server that wants every dimension named.
        }
    }
}
