using Tikr.Core.Delivery;
using Tikr.Storage;

namespace Tikr.Grains.Buckets;

/// <summary>What grains ask of the flushes that a bucket has applied.</summary>
internal static class FlushVectorExtensions
{
    /// <summary>Whether every flush is of a live gateway: then a state can hold them all.</summary>
    public static bool AreAllOf(this in FlushVector flushes, LiveGatewaySet gateways)
    {
        for (var i = 0; i < flushes.Count; i++)
        {
            if (!gateways.IsLive(flushes[i].Epoch)) return false;
        }

        return true;
    }
}
