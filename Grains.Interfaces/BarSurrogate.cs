using Tikr.Core.Rollup;

namespace Tikr.Grains;

/// <summary>How a <see cref="Bar"/> crosses a grain call; Core knows nothing of Orleans.</summary>
[GenerateSerializer, Immutable]
public record struct BarSurrogate
{
    /// <summary>Bucket start.</summary>
    [Id(0)] public long BucketStart { get; set; }

    /// <summary>Least event time.</summary>
    [Id(1)] public long FirstTimestamp { get; set; }

    /// <summary>Greatest event time.</summary>
    [Id(2)] public long LastTimestamp { get; set; }

    /// <summary>Ticks.</summary>
    [Id(3)] public long TickCount { get; set; }

    /// <summary>Metric values.</summary>
    [Id(4)] public long[] Values { get; set; }

    /// <summary>Metrics that have a value.</summary>
    [Id(5)] public ulong Present { get; set; }

    /// <summary>Revision.</summary>
    [Id(6)] public int Revision { get; set; }
}

/// <summary>Converts bars for grain calls.</summary>
[RegisterConverter]
public sealed class BarConverter : IConverter<Bar, BarSurrogate>
{
    /// <inheritdoc/>
    public Bar ConvertFromSurrogate(in BarSurrogate surrogate) => new()
    {
        BucketStart = surrogate.BucketStart,
        FirstTimestamp = surrogate.FirstTimestamp,
        LastTimestamp = surrogate.LastTimestamp,
        TickCount = surrogate.TickCount,
        Values = surrogate.Values,
        Present = surrogate.Present,
        Revision = surrogate.Revision,
    };

    /// <inheritdoc/>
    public BarSurrogate ConvertToSurrogate(in Bar value) => new()
    {
        BucketStart = value.BucketStart,
        FirstTimestamp = value.FirstTimestamp,
        LastTimestamp = value.LastTimestamp,
        TickCount = value.TickCount,
        Values = value.Values,
        Present = value.Present,
        Revision = value.Revision,
    };
}
