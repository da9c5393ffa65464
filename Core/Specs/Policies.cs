namespace Tikr.Core.Specs;

/// <summary>Unit of the timestamps that producers send.</summary>
public enum TimestampPrecision
{
    /// <summary>Unix nanoseconds.</summary>
    Nanosecond,

    /// <summary>Unix microseconds.</summary>
    Microsecond,

    /// <summary>Unix milliseconds.</summary>
    Millisecond,
}

/// <summary>What happens to a tick whose bar has closed.</summary>
public enum LatePolicy
{
    /// <summary>The bar is recomputed from the stored ticks and published with the next revision.</summary>
    Revise,

    /// <summary>The tick is rejected (too_late) before it is stored.</summary>
    Drop,

    /// <summary>The tick goes to a topic of its own (<see cref="SeriesSpec.LateTopic"/>) instead of the store.</summary>
    Route,
}

/// <summary>What happens to bars while Kafka is away.</summary>
public enum FailurePolicy
{
    /// <summary>They wait in the store's outbox, within its bounds.</summary>
    Spool,

    /// <summary>They are dropped and counted.</summary>
    Drop,

    /// <summary>They wait in the store's outbox, and ingest of the series waits when there are too many.</summary>
    Block,
}

/// <summary>Whether equal ticks of one key count once.</summary>
public enum DedupPolicy
{
    /// <summary>Every accepted tick counts.</summary>
    None,

    /// <summary>Ticks of one key with equal (timestamp, sequence) count once; the first durable one wins.</summary>
    Sequence,
}

/// <summary>What a metric gets from a tick that lacks its field.</summary>
public enum MissingFieldPolicy
{
    /// <summary>The value 0, as upstream.</summary>
    Zero,

    /// <summary>Nothing; a metric without any input is absent from the bar.</summary>
    Skip,

    /// <summary>The tick is rejected (missing_field).</summary>
    Reject,
}

/// <summary>What happens to a tick with a field that no metric reads.</summary>
public enum UnknownFieldPolicy
{
    /// <summary>The tick is accepted; the field is counted and not stored.</summary>
    Ignore,

    /// <summary>The tick is rejected (unknown_field).</summary>
    Reject,
}

/// <summary>What becomes of a sum outside its type's range, applied once, when the bar closes.</summary>
public enum OverflowPolicy
{
    /// <summary>The nearest value of the type.</summary>
    Saturate,

    /// <summary>The metric is absent from the bar.</summary>
    Omit,
}

/// <summary>What becomes of bars that are made again because the spec makes other bars of the stored ticks.</summary>
public enum RebuildPolicy
{
    /// <summary>They are stored, and published nowhere.</summary>
    Store,

    /// <summary>They are stored, and published as revisions or, where there was none, as new bars.</summary>
    Publish,
}

/// <summary>How OTLP presents a metric.</summary>
public enum OtlpKind
{
    /// <summary>A value that stands by itself.</summary>
    Gauge,

    /// <summary>A delta that adds up over time and may be negative.</summary>
    Sum,

    /// <summary>A delta that adds up over time and is never negative: a monotonic sum.</summary>
    Counter,
}
