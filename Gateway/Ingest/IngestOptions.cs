using System.ComponentModel.DataAnnotations;

namespace Tikr.Gateway.Ingest;

/// <summary>How the ingest path batches, delivers and forgets.</summary>
public sealed class IngestOptions
{
    /// <summary>Ticks that start a flush at once. 131,072.</summary>
    [Range(1, 16_777_216)]
    public int FlushTicks { get; set; } = 131_072;

    /// <summary>Longest wait of a tick for its flush when nobody waits for the answer. 20 ms.</summary>
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Ticks received and not committed above which streams are not read. 524,288.</summary>
    [Range(1, 67_108_864)]
    public int MaxUncommittedTicks { get; set; } = 524_288;

    /// <summary>Shortest time between two deliveries of the same bucket to its grain. 100 ms; stretches to 1 s with many keys.</summary>
    public TimeSpan DeliveryInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How far behind the clock a stream may be for bars to wait for it. 1.5 s; at most three quarters of the grains' MaxCloseDelay, after
    /// which bars close in any case.
    /// </summary>
    public TimeSpan MaxStreamLag { get; set; } = TimeSpan.FromSeconds(1.5);

    /// <summary>
    /// A past bucket whose streams have not passed it closes after this long without a tick for it, or after its own length if that is
    /// longer. Time in which a stream is not read does not count. 1 s.
    /// </summary>
    public TimeSpan PastBucketIdle { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Past buckets kept open; beyond it those that had no tick for the longest time close early. 262,144.</summary>
    [Range(1, 67_108_864)]
    public int MaxPastBuckets { get; set; } = 262_144;

    /// <summary>Bars waiting to be stored above which no further ticks are committed. 65,536.</summary>
    [Range(1, 16_777_216)]
    public int MaxWaitingBars { get; set; } = 65_536;

    /// <summary>A delivery to the grains that takes longer than this holds further ticks up. 1 s.</summary>
    public TimeSpan MaxDeliveryTime { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a failing commit is retried before its streams end with UNAVAILABLE. 10 s.</summary>
    public TimeSpan CommitTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Buckets without a covering bar this long after they were due are recomputed from the stored ticks. 30 s.</summary>
    public TimeSpan UncoveredTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Keys unused for this long leave memory. 5 min.</summary>
    public TimeSpan IdleKeyTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Raw dimension encodings kept per series. 1,048,576.</summary>
    [Range(64, 67_108_864)]
    public int MaxInternedKeys { get; set; } = 1_048_576;

    /// <summary>
    /// Whether the whole process is collected (about 100 ms beside ingest) after many idle keys have left memory, so that it goes back to
    /// the operating system. For a process that is Tikr's alone. Off.
    /// </summary>
    public bool ReturnsMemory { get; set; }
}
