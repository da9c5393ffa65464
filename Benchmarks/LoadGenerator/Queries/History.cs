using Tikr.Contracts;

namespace Tikr.LoadGenerator.Queries;

/// <summary>A past of one tick per key and second, up to some seconds ago, so that all its bars have closed.</summary>
internal sealed class History(Shape shape, int keys, int seconds)
{
    private const int TicksPerMessage = 1000;

    /// <summary>End of the last bucket, Unix nanoseconds.</summary>
    public long EndNs { get; } = (DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 5) * Shape.BucketNs;

    /// <summary>Sends it as an ordered replay.</summary>
    public async Task SendAsync(Contracts.Tikr.TikrClient client, CancellationToken cancellation)
    {
        var random = new Random(1);
        var values = Enumerable.Range(0, keys).Select(_ => shape.Fields.Select(field => field.First(random)).ToArray()).ToArray();
        using var call = client.IngestTicks(cancellationToken: cancellation);
        var ticks = from second in Enumerable.Range(0, seconds)
                    from key in Enumerable.Range(0, keys)
                    select NextTick(
            key, values[key], second, random);
        foreach (var some in ticks.Chunk(TicksPerMessage))
            await call.RequestStream.WriteAsync(new IngestRequest { Series = shape.Series, Ticks = { some } }, cancellation)
                .ConfigureAwait(false);

        await call.RequestStream.CompleteAsync().ConfigureAwait(false);
        var answer = await call.ResponseAsync.ConfigureAwait(false);
        if (answer.TicksReceived != (ulong)keys * (ulong)seconds)
            throw new InvalidOperationException($"Of {(long)keys * seconds} ticks of the past {answer.TicksReceived} were taken: {answer}");
    }

    /// <summary>Asks for the last bars of one key.</summary>
    public BarQuery OfKey(int key, int bars)
    {
        var query = Between(EndNs - (bars * Shape.BucketNs), EndNs);
        shape.AddDimensions(query.Dimensions, key);
        return query;
    }

    /// <summary>Asks for all keys' bars of some seconds that begin so many seconds before the end.</summary>
    public BarQuery OfAll(int secondsBefore, int length) =>
        Between(EndNs - (secondsBefore * Shape.BucketNs), EndNs - ((secondsBefore - length) * Shape.BucketNs));

    private BarQuery Between(long fromNs, long toNs) => new() { Series = shape.Series, StartNs = (ulong)fromNs, EndNs = (ulong)toNs };

    private TickData NextTick(int key, long[] values, int second, Random random)
    {
        var tick = new TickData
        {
            TimestampNs = (ulong)(EndNs - ((seconds - second) * Shape.BucketNs) + random.NextInt64(Shape.BucketNs)),
            Sequence = (uint)second
        };
        shape.AddDimensions(tick.Dimensions, key);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = shape.Fields[i].Next(random, values[i]);
            tick.Fields.Add(shape.Fields[i].Name, values[i]);
        }

        return tick;
    }
}
