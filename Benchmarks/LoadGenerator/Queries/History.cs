using Grpc.Core;
using Tikr.Contracts;

namespace Tikr.LoadGenerator.Queries;

/// <summary>Fills a server with a bar per key and second up to now, as an ordered replay, and waits until all of them are stored.</summary>
internal sealed class History(Contracts.Tikr.TikrClient client, HourOptions options)
{
    private const int TicksPerMessage = 1000;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Start of the first bucket, Unix nanoseconds.</summary>
    public long FirstNs { get; } = ((DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 5 - options.Seconds) * Shape.BucketNs);

    /// <summary>End of the last bucket.</summary>
    public long EndNs => FirstNs + (options.Seconds * Shape.BucketNs);

    public async Task FillAsync(CancellationToken cancellation)
    {
        var random = new Random(options.Seed);
        var values = Enumerable.Range(0, options.Keys).Select(_ => options.Shape.Fields.Select(field => field.First(random)).ToArray()).ToArray();
        using var call = client.IngestTicks(cancellationToken: cancellation);
        var request = new IngestRequest { Series = options.Shape.Series };
        for (var second = 0; second < options.Seconds; second++)
        {
            for (var key = 0; key < options.Keys; key++)
            {
                request.Ticks.Add(NextTick(key, values[key], second, random));
                if (request.Ticks.Count < TicksPerMessage && (key < options.Keys - 1 || second < options.Seconds - 1)) continue;
                await call.RequestStream.WriteAsync(request, cancellation).ConfigureAwait(false);
                request = new IngestRequest { Series = options.Shape.Series };
            }
        }

        await call.RequestStream.CompleteAsync().ConfigureAwait(false);
        var answer = await call.ResponseAsync.ConfigureAwait(false);
        if (answer.TicksReceived != (ulong)options.Keys * (ulong)options.Seconds) throw new InvalidOperationException($"The server took {answer}.");
    }

    /// <summary>Waits until every key has every bar.</summary>
    public async Task WaitAsync(CancellationToken cancellation)
    {
        var until = DateTimeOffset.UtcNow + options.Patience;
        for (var from = FirstNs; from < EndNs;)
        {
            var to = Math.Min(EndNs, from + (60 * Shape.BucketNs));
            var wanted = options.Keys * (to - from) / Shape.BucketNs;
            var found = await CountAsync(new BarQuery { Series = options.Shape.Series, StartNs = (ulong)from, EndNs = (ulong)to }, cancellation).ConfigureAwait(false);
            if (found == wanted) from = to;
            else if (DateTimeOffset.UtcNow < until) await Task.Delay(Pause, cancellation).ConfigureAwait(false);
            else throw new TimeoutException($"{found} of {wanted} bars are stored in a minute of the history after {options.Patience.TotalMinutes:0} min.");
        }
    }

    public async Task<long> CountAsync(BarQuery query, CancellationToken cancellation)
    {
        using var call = client.QueryBars(query, cancellationToken: cancellation);
        var bars = 0L;
        await foreach (var _ in call.ResponseStream.ReadAllAsync(cancellation).ConfigureAwait(false)) bars++;
        return bars;
    }

    private TickData NextTick(int key, long[] values, int second, Random random)
    {
        var tick = new TickData { TimestampNs = (ulong)(FirstNs + (second * Shape.BucketNs) + random.NextInt64(Shape.BucketNs)), Sequence = (uint)second };
        options.Shape.AddDimensions(tick.Dimensions, key);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = options.Shape.Fields[i].Next(random, values[i]);
            tick.Fields.Add(options.Shape.Fields[i].Name, values[i]);
        }

        return tick;
    }
}
