using Tikr.Contracts;

namespace Tikr.LoadGenerator.Queries;

/// <summary>Gives some keys a past: a few ticks in every second of it, oldest first.</summary>
internal sealed class Backfill(Contracts.Tikr.TikrClient client, Shape shape, int keys)
{
    private const int TicksPerBar = 3, SecondsPerMessage = 200;

    /// <summary>Start of the bucket after the last that has ticks, Unix nanoseconds: some seconds ago, so that all have closed.</summary>
    public long EndNs { get; } = ((((DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100) / Shape.BucketNs) - 3) * Shape.BucketNs;

    public async Task SendAsync(int seconds, CancellationToken cancellation)
    {
        using var call = client.IngestTicks(cancellationToken: cancellation);
        var random = new Random(7);
        var sent = 0UL;
        for (var first = -seconds; first < 0; first += SecondsPerMessage)
        {
            var request = new IngestRequest { Series = shape.Series };
            for (var second = first; second < Math.Min(0, first + SecondsPerMessage); second++)
            {
                for (var key = 0; key < keys; key++)
                {
                    for (var i = 0; i < TicksPerBar; i++) request.Ticks.Add(Tick(random, key, EndNs + (second * Shape.BucketNs) + (i * Shape.BucketNs / TicksPerBar), ++sent));
                }
            }

            await call.RequestStream.WriteAsync(request, cancellation).ConfigureAwait(false);
        }

        await call.RequestStream.CompleteAsync().ConfigureAwait(false);
        var answer = await call.ResponseAsync.ConfigureAwait(false);
        if (answer.TicksReceived != sent) throw new InvalidOperationException($"Of {sent} ticks of the past {answer.TicksReceived} were taken: {answer}");
    }

    private TickData Tick(Random random, int key, long timeNs, ulong sequence)
    {
        var tick = new TickData { TimestampNs = (ulong)timeNs, Sequence = (uint)sequence };
        shape.AddDimensions(tick.Dimensions, key);
        foreach (var field in shape.Fields) tick.Fields.Add(field.Name, field.First(random));
        return tick;
    }
}
