namespace Tikr.LoadGenerator;

/// <summary>What to send, how fast, and what to check afterwards.</summary>
internal sealed record LoadOptions
{
    public required Uri Address { get; init; }

    /// <summary>Name of the series; it must have the shape of market_ticks.</summary>
    public string Series { get; init; } = "market_ticks";

    public int Keys { get; init; } = 1000;

    /// <summary>Few keys get most ticks, as on a market; false gives every key the same share.</summary>
    public bool Zipf { get; init; } = true;

    public int TicksPerMessage { get; init; } = 1000;

    public int Streams { get; init; } = 4;

    /// <summary>Every stream carries every key; false gives each stream keys of its own, as feed handlers do.</summary>
    public bool SharedKeys { get; init; }

    /// <summary>Length of the measured part when <see cref="Ticks"/> is 0.</summary>
    public double Seconds { get; init; } = 10;

    /// <summary>Ticks of the measured part; 0 sends for <see cref="Seconds"/>.</summary>
    public long Ticks { get; init; }

    /// <summary>Seconds at the same load before the measured part; its bars are verified too.</summary>
    public double WarmUpSeconds { get; init; } = 3;

    /// <summary>Ticks per second over all streams; 0 is as fast as the server takes them.</summary>
    public long Rate { get; init; }

    /// <summary>Measure acknowledgements by short streams of one tick beside the load.</summary>
    public bool Probe { get; init; } = true;

    public bool Verify { get; init; } = true;

    public double VerifyTimeoutSeconds { get; init; } = 60;

    public int? ServerPid { get; init; }

    public string? JsonFile { get; init; }

    public int Seed { get; init; } = 20131007;
}
