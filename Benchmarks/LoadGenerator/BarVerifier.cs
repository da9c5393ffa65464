using System.Diagnostics;
using Grpc.Core;
using Tikr.Contracts;

namespace Tikr.LoadGenerator;

/// <summary>Bars of a run compared with what was sent.</summary>
internal sealed record Verification(long Exact, long Wrong, long Missing, long Unexpected, long Revised, IReadOnlyList<string> Samples)
{
    public bool Holds => Wrong == 0 && Missing == 0 && Unexpected == 0;
}

/// <summary>Asks the server for every bar of the run and compares each value; asks again until all are there or the time is up.</summary>
internal sealed class BarVerifier(Contracts.Tikr.TikrClient client, LoadOptions options, ExpectedRun expected)
{
    private const int MostSamples = 10;

    public async Task<Verification> RunAsync(CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        using var retry = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (true)
        {
            var result = await CompareAsync(cancellation).ConfigureAwait(false);
            if (result.Holds || Stopwatch.GetElapsedTime(started).TotalSeconds > options.VerifyTimeoutSeconds) return result;
            await retry.WaitForNextTickAsync(cancellation).ConfigureAwait(false);
        }
    }

    private async Task<Verification> CompareAsync(CancellationToken cancellation)
    {
        long exact = 0, wrong = 0, unexpected = 0, revised = 0;
        var samples = new List<string>();
        var seen = expected.Buckets.ToDictionary(bucket => bucket, bucket => new bool[expected.BarsOf(bucket).Length]);
        var query = new BarQuery { Series = options.Series, StartNs = (ulong)expected.FirstBucket, EndNs = (ulong)expected.EndNs };
        using var call = client.QueryBars(query, cancellationToken: cancellation);
        await foreach (var bar in call.ResponseStream.ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            var bars = expected.BarsOf((long)bar.BucketTs);
            var at = ExpectedRun.IndexOf(bars, Symbols.KeyOf(bar.Dimensions["symbol"]));
            if (at < 0 || seen[(long)bar.BucketTs][at])
            {
                unexpected++;
                Note(samples, $"unexpected {bar}");
                continue;
            }

            seen[(long)bar.BucketTs][at] = true;
            if (bar.Revision > 0) revised++;
            if (IsExact(bar, bars[at]))
            {
                exact++;
                continue;
            }

            wrong++;
            Note(samples, $"got {bar} expected {Describe(bars[at])}");
        }

        var missing = expected.Bars - exact - wrong;
        return new Verification(exact, wrong, missing, unexpected, revised, samples);
    }

    private static bool IsExact(BarData bar, in ExpectedBar expected) =>
        bar.Metrics.Count == 6
        && Metric(bar, "open") == expected.Open && Metric(bar, "high") == expected.High
        && Metric(bar, "low") == expected.Low && Metric(bar, "close") == expected.Close
        && Metric(bar, "volume") == expected.Volume && Metric(bar, "tick_count") == expected.Count
        && bar.TickCount == (ulong)expected.Count
        && bar.FirstTimestamp == bar.BucketTs + expected.First && bar.LastTimestamp == bar.BucketTs + expected.Last;

    private static long Metric(BarData bar, string name) => bar.Metrics.TryGetValue(name, out var value) ? value : long.MinValue;

    private static string Describe(in ExpectedBar bar) =>
        $"open {bar.Open} high {bar.High} low {bar.Low} close {bar.Close} volume {bar.Volume} count {bar.Count} first +{bar.First} last +{bar.Last} ns";

    private static void Note(List<string> samples, string text)
    {
        if (samples.Count < MostSamples) samples.Add(text);
    }
}
