namespace Tikr.LoadGenerator.Queries;

/// <summary>What is stored before queries are timed, and how many are.</summary>
internal sealed record HourOptions
{
    public required Uri Address { get; init; }

    public required Shape Shape { get; init; }

    /// <summary>Keys with a bar in every second.</summary>
    public int Keys { get; init; } = 1000;

    /// <summary>Seconds of history.</summary>
    public int Seconds { get; init; } = 3600;

    /// <summary>Queries of each kind.</summary>
    public int Queries { get; init; } = 200;

    /// <summary>How long the server may take to have every bar.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(10);

    public int Seed { get; init; } = 1;
}
