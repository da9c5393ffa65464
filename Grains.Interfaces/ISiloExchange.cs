using Orleans.Concurrency;
using Orleans.Services;
using Tikr.Core.Rollup;

namespace Tikr.Grains;

/// <summary>
/// What the silos of a cluster tell each other: deliveries to the owners of keys, how far their gateways have come, and what stored bars
/// cover. One call at a time from each silo to each other; a call that failed is made again unchanged, and changes nothing the second time.
/// </summary>
public interface ISiloExchange : IGrainService
{
    /// <summary>Takes what another silo has for this one.</summary>
    [ResponseTimeout("00:00:03"), AlwaysInterleave]
    Task<ExchangeAnswer> ExchangeAsync(ExchangeMessage message);

    /// <summary>Open bars of keys that this silo owns, as the ticks delivered so far make them.</summary>
    /// <param name="series">The series.</param>
    /// <param name="hashes">Dimension hashes of the keys.</param>
    /// <param name="fromNs">First bucket start, Unix nanoseconds.</param>
    /// <param name="toNs">Bucket start to stop before.</param>
    /// <returns>The bars, by key in the order asked, then by bucket; none of a key that is not active here.</returns>
    [ResponseTimeout("00:00:01"), AlwaysInterleave]
    Task<OpenBar[]> GetOpenBarsAsync(string series, UInt128[] hashes, long fromNs, long toNs);
}

/// <summary>What one silo has for another.</summary>
[GenerateSerializer, Immutable]
public sealed class ExchangeMessage
{
    /// <summary>The silo that sends it.</summary>
    [Id(0)] public required SiloAddress From { get; init; }

    /// <summary>
    /// The division of keys that it was made for: what is not for the same one as the receiver's is not taken, but for the coverage.
    /// </summary>
    [Id(1)] public ulong Division { get; init; }

    /// <summary>When it was made, monotonic nanoseconds of the sender: its other times refer to that clock.</summary>
    [Id(2)] public long SentNs { get; init; }

    /// <summary>How far each gateway of the sender has come with everything up to this message.</summary>
    [Id(3)] public required GatewayProgress[] Gateways { get; init; }

    /// <summary>Partials, one after the other.</summary>
    [Id(4)] public required byte[] Partials { get; init; }

    /// <summary>What stored bars cover of the receiver's flushes, one after the other.</summary>
    [Id(5)] public required byte[] Coverage { get; init; }
}

/// <summary>How far a gateway has come.</summary>
/// <param name="Epoch">Its epoch.</param>
/// <param name="DeliveredThroughNs">Everything received before this time is delivered, monotonic nanoseconds of the sender.</param>
/// <param name="HasDeliveredAgain">Whether it has delivered again, under the division, what no bar covers.</param>
[GenerateSerializer, Immutable]
public readonly record struct GatewayProgress(
    [property: Id(0)] uint Epoch, [property: Id(1)] long DeliveredThroughNs, [property: Id(2)] bool HasDeliveredAgain);

/// <summary>The answer to an <see cref="ExchangeMessage"/>.</summary>
/// <param name="IsTaken">Whether partials and progress were taken: both silos go by the same division.</param>
[GenerateSerializer, Immutable]
public readonly record struct ExchangeAnswer([property: Id(0)] bool IsTaken);

/// <summary>An open bar of a key.</summary>
/// <param name="Key">Index of the key among those asked for.</param>
/// <param name="Bar">The bar.</param>
[GenerateSerializer, Immutable]
public readonly record struct OpenBar([property: Id(0)] int Key, [property: Id(1)] Bar Bar);
