namespace Tikr.Publishing.Sending;

/// <summary>How a sender works.</summary>
internal sealed record SenderOptions
{
    /// <summary>Most entries taken up and not finished; a power of two.</summary>
    public int MaxInFlight { get; init; } = 16_384;

    /// <summary>Most offered entries that wait in memory behind those.</summary>
    public int MaxOffered { get; init; } = 32_768;

    /// <summary>Entries that start a deletion at once.</summary>
    public int DeleteBatch { get; init; } = 2_048;

    /// <summary>Longest that sent entries wait to be deleted.</summary>
    public TimeSpan DeletePause { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How often entries of other writers are looked for.</summary>
    public TimeSpan PollPeriod { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Pause after a first failure; doubles with each further one.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest pause after failures.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a record that was rejected is sent alone before it is given up.</summary>
    public int TimesAlone { get; init; } = 6;

    /// <summary>Pause until the sink is asked again after it had no room.</summary>
    public TimeSpan RoomPause { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Pause until a topic is asked for again that is not known to exist.</summary>
    public TimeSpan GatePause { get; init; } = TimeSpan.FromMilliseconds(100);
}
