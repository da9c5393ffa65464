namespace Tikr.LoadGenerator;

/// <summary>What to send, how fast, and what to check and measure.</summary>
internal sealed record LoadOptions
{
    public required Uri Address { get; init; }

    /// <summary>What ticks and bars look like.</summary>
    public Shape Shape { get; init; } = ShapeCatalog.Find("market");

    public int Keys { get; init; } = 1000;

    /// <summary>Few keys get most ticks, as on a market; false gives every key the same share.</summary>
    public bool Zipf { get; init; } = true;

    public int TicksPerMessage { get; init; } = 1000;

    public int Streams { get; init; } = 4;

    /// <summary>Every stream carries every key; false gives each stream keys of its own, as feed handlers do.</summary>
    public bool SharedKeys { get; init; }

    /// <summary>Share of ticks that come late, 0 to 1.</summary>
    public double LateShare { get; init; }

    /// <summary>How late they are: more than a bucket and its grace, so that their bar is closed.</summary>
    public double LateSeconds { get; init; } = 4;

    /// <summary>How far ahead of the clock all ticks are: bars stay open for as long.</summary>
    public double AheadSeconds { get; init; }

    /// <summary>Length of the measured part when <see cref="Ticks"/> is 0.</summary>
    public double Seconds { get; init; } = 10;

    /// <summary>Ticks of the measured part; 0 sends for <see cref="Seconds"/>.</summary>
    public long Ticks { get; init; }

    /// <summary>Seconds at the same load before the measured part; its bars are verified too.</summary>
    public double WarmUpSeconds { get; init; } = 3;

    /// <summary>Ticks per second over all streams; 0 is as fast as the server takes them.</summary>
    public long Rate { get; init; }

    /// <summary>Streams by the gRPC library of .NET instead of the generator's own, cheaper writer.</summary>
    public bool GrpcClient { get; init; }

    /// <summary>Measure acknowledgements by short streams of one tick, and when bars can be queried.</summary>
    public bool Probe { get; init; } = true;

    /// <summary>Grace of the series: bars are expected this long after their bucket.</summary>
    public double GraceSeconds { get; init; } = 0.2;

    public bool Verify { get; init; } = true;

    /// <summary>Ask for bars key by key; otherwise only if a query without dimensions answers nothing.</summary>
    public bool KeyByKey { get; init; }

    public double VerifyTimeoutSeconds { get; init; } = 60;

    /// <summary>Verify while sending, window by window, and print a line for each: for long runs. Seconds; 0 verifies in the end.</summary>
    public double WindowSeconds { get; init; }

    /// <summary>
    /// Shell command to run after the last acknowledgement and before bars are verified: to kill and restart the server, say.
    /// </summary>
    public string? Between { get; init; }

    public int? ServerPid { get; init; }

    /// <summary>A process of the database, whose descendants count too.</summary>
    public int? DatabasePid { get; init; }

    /// <summary>The server's metrics for Prometheus, for its allocations and pauses.</summary>
    public Uri? Metrics { get; init; }

    /// <summary>The server's /debug/store, for what it says its ticks take.</summary>
    public Uri? Store { get; init; }

    /// <summary>Folder whose files are the server's data.</summary>
    public string? DataFolder { get; init; }

    public string? JsonFile { get; init; }

    /// <summary>Name of the case in the results.</summary>
    public string Label { get; init; } = "";

    public int Seed { get; init; } = 20131007;
}
