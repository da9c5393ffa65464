using Tikr.Core.Delivery;
using Tikr.Storage;

namespace Tikr.Grains.Buckets;

/// <summary>What grains ask of the flushes that a bucket has applied.</summary>
internal static class FlushVectorExtensions
{
    /// <summary>Whether every flush is of a live gateway, and all of one: then a state can hold them all.</summary>
    public static bool AreAllOf(this in FlushVector flushes, LiveGatewaySet gateways) =>
        flushes.Count == 0 || (flushes.Count == 1 && gateways.IsLive(flushes[0].Epoch));
}
