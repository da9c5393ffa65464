namespace Tikr.Tests.Cluster.Load;

/// <summary>What a producer keeps to. Acknowledged ingest, which resends without doubling, will be one more.</summary>
/// <param name="Retries">Whether what was not acknowledged is sent again to the next server, and so may be stored more than once.</param>
/// <param name="MostMessages">Most messages of a stream.</param>
/// <param name="MostTicks">Most ticks of a message.</param>
/// <param name="IsPaced">Whether the messages of a stream come over time, as from a feed.</param>
/// <param name="Patience">What it waits for the end of a stream.</param>
internal sealed record ProducerRules(bool Retries, int MostMessages, int MostTicks, bool IsPaced, TimeSpan Patience)
{
    /// <summary>Short streams; nothing is sent twice.</summary>
    public static ProducerRules Plain { get; } = new(false, 4, 30, false, TimeSpan.FromSeconds(20));

    /// <summary>Streams that stay open while they can; nothing is sent twice.</summary>
    public static ProducerRules Feed { get; } = new(false, 100_000, 20, true, TimeSpan.FromHours(1));

    /// <summary>Short streams, sent again elsewhere.</summary>
    public static ProducerRules Retrying { get; } = new(true, 2, 30, false, TimeSpan.FromSeconds(5));
}
