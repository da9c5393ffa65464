using Tikr.Core.Delivery;

namespace Tikr.Grains;

/// <summary>How a <see cref="Partial"/> crosses a grain call; Core knows nothing of Orleans.</summary>
[GenerateSerializer, Immutable]
public record struct PartialSurrogate
{
    /// <summary>Gateway epoch of the commits.</summary>
    [Id(0)] public uint Epoch { get; set; }

    /// <summary>First flush covered.</summary>
    [Id(1)] public ulong FromFlush { get; set; }

    /// <summary>Last flush covered.</summary>
    [Id(2)] public ulong ToFlush { get; set; }

    /// <summary>Last flush that was delivered before.</summary>
    [Id(3)] public ulong PreviousFlush { get; set; }

    /// <summary>Bucket start.</summary>
    [Id(4)] public long BucketStart { get; set; }

    /// <summary>State; null for a recompute.</summary>
    [Id(5)] public long[]? State { get; set; }

    /// <summary>Whether a past bucket closes now.</summary>
    [Id(6)] public bool Close { get; set; }

    /// <summary>Whether the gateway has nothing else for the bucket.</summary>
    [Id(7)] public bool Final { get; set; }

    /// <summary>Whether a past bucket closed before its time.</summary>
    [Id(8)] public bool Early { get; set; }

    /// <summary>When the bucket is due, by the sender's monotonic clock.</summary>
    [Id(9)] public long DueNs { get; set; }

    /// <summary>Whether it was delivered before.</summary>
    [Id(10)] public bool IsAgain { get; set; }

    /// <summary>Whether it only announces a past bucket.</summary>
    [Id(11)] public bool Announces { get; set; }
}

/// <summary>Converts partials for grain calls.</summary>
[RegisterConverter]
public sealed class PartialConverter : IConverter<Partial, PartialSurrogate>
{
    /// <inheritdoc/>
    public Partial ConvertFromSurrogate(in PartialSurrogate surrogate) => new()
    {
        Epoch = surrogate.Epoch,
        FromFlush = surrogate.FromFlush,
        ToFlush = surrogate.ToFlush,
        PreviousFlush = surrogate.PreviousFlush,
        BucketStart = surrogate.BucketStart,
        State = surrogate.State,
        Close = surrogate.Close,
        Final = surrogate.Final,
        Early = surrogate.Early,
        DueNs = surrogate.DueNs,
        IsAgain = surrogate.IsAgain,
        Announces = surrogate.Announces,
    };

    /// <inheritdoc/>
    public PartialSurrogate ConvertToSurrogate(in Partial value) => new()
    {
        Epoch = value.Epoch,
        FromFlush = value.FromFlush,
        ToFlush = value.ToFlush,
        PreviousFlush = value.PreviousFlush,
        BucketStart = value.BucketStart,
        State = value.State,
        Close = value.Close,
        Final = value.Final,
        Early = value.Early,
        DueNs = value.DueNs,
        IsAgain = value.IsAgain,
        Announces = value.Announces,
    };
}
