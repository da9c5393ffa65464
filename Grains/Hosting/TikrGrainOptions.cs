namespace Tikr.Grains;

/// <summary>How grains close, write and recover bars. The defaults suit one silo on one machine.</summary>
public sealed class TikrGrainOptions
{
    /// <summary>How long a bar waits for a gateway that lags before it closes without it.</summary>
    public TimeSpan MaxCloseDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Pause between a bucket's due time and the first attempt to close it: the gateway's last delivery takes a moment.</summary>
    public TimeSpan CloseSlack { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>How often buckets that wait for the gateway are looked at.</summary>
    public TimeSpan ClosePoll { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Keys with open buckets above which no further grain timers are armed and one sweep per silo closes bars instead.</summary>
    public int ActiveTimerLimit { get; set; } = 10_000;

    /// <summary>How long a key without open buckets stays in memory.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Most idle keys released per second.</summary>
    public int MaxReleasesPerSecond { get; set; } = 20_000;

    /// <summary>Most grain calls in flight for keys that are not active here.</summary>
    public int MaxActivationsInFlight { get; set; } = 512;

    /// <summary>Longest pause between two messages to another silo.</summary>
    public TimeSpan ExchangePeriod { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Most bytes of partials, and of coverage, that wait for another silo; what is over is recomputed.</summary>
    public int MaxBytesPerSilo { get; set; } = 32 << 20;

    /// <summary>How often the store is asked which silos take part, besides at each change of Orleans' membership.</summary>
    public TimeSpan ClusterPollPeriod { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Most bars in one group commit.</summary>
    public int MaxBarsPerWrite { get; set; } = 32_768;

    /// <summary>Closed buckets per key whose revision is remembered for late ticks.</summary>
    public int RememberedBuckets { get; set; } = 2;

    /// <summary>Pause after a first failure of the store; doubles with each further one.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest pause after failures.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often uncovered pairs of earlier epochs are looked for.</summary>
    public TimeSpan SweepPeriod { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long after its due time recovery leaves a bucket to its grain.</summary>
    public TimeSpan SweepSlack { get; set; } = TimeSpan.FromMilliseconds(300);
}
