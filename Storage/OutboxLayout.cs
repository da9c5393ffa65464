namespace Tikr.Storage;

/// <summary>
/// How the output spreads a series over the outbox. The output registers it; where there is none, nothing is published and nothing is
/// written to the outbox.
/// </summary>
/// <param name="PartitionsPerSeries">Outbox partitions of each series, 1 to <see cref="OutboxPartitions.MaxCount"/>.</param>
public sealed record OutboxLayout(int PartitionsPerSeries);
