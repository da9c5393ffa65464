using Confluent.Kafka;

namespace Tikr.Benchmarks.KafkaRates;

/// <summary>Reads a topic as a dashboard would, and tells how long after bucket end + grace bars arrived.</summary>
internal static class Delays
{
    private const string RevisionHeader = "tikr-revision";

    /// <param name="brokers">Where the topic is.</param>
    /// <param name="topics">The topics.</param>
    /// <param name="skip">How long to read without counting: the server warms up.</param>
    /// <param name="time">How long to count.</param>
    /// <param name="grace">The series' grace.</param>
    /// <param name="cancellation">Ends the reading early; what was read is told.</param>
    public static void Run(string brokers, IReadOnlyList<string> topics,
        TimeSpan skip, TimeSpan time, TimeSpan grace, CancellationToken cancellation)
    {
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig
        {
            BootstrapServers = brokers,
            GroupId = $"delays-{Guid.NewGuid():N}",
            EnableAutoCommit = false,
            AutoOffsetReset = AutoOffsetReset.Latest,
            FetchWaitMaxMs = 10,
        }).Build();
        consumer.Subscribe(topics);
        var from = DateTime.UtcNow + skip;
        var delays = new List<double>();
        for (var now = DateTime.UtcNow; now < from + time && !cancellation.IsCancellationRequested; now = DateTime.UtcNow)
        {
            // A record's timestamp is the end of its bucket; a revision comes late by its nature.
            if (consumer.Consume(100) is not { } record || now < from || record.Message.Headers.TryGetLastBytes(RevisionHeader, out _))
                continue;
            delays.Add((DateTime.UtcNow - record.Message.Timestamp.UtcDateTime - grace).TotalMilliseconds);
        }

        consumer.Close();
        delays.Sort();
        Console.WriteLine(delays.Count == 0
            ? $"no bar arrived on {string.Join(", ", topics)}"
            : $"{delays.Count} bars in their topics: p50 {At(0.5):0} ms, p99 "
                + $"{At(0.99):0} ms, at most {delays[^1]:0} ms after bucket end + grace");

        double At(double quantile) => delays[Math.Min(delays.Count - 1, (int)(quantile * delays.Count))];
    }
}
