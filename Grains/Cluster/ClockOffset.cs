using Tikr.Core.Time;

namespace Tikr.Grains.Cluster;

/// <summary>
/// What another process' monotonic clock shows, told by its messages: each says when it was sent, and arrives a little later. The least
/// difference of the last half minute is taken, since that message travelled fastest; older ones do not count, because two clocks drift
/// apart by some millionths. All times of one sender are thus late by the same amount, and compare with each other as they do there.
/// </summary>
internal sealed class ClockOffset
{
    private static readonly long WindowNs = TimeSpan.FromSeconds(15).ToNanoseconds();
    private readonly Lock _lock = new();
    private long _least = long.MaxValue, _leastBefore = long.MaxValue, _beganNs = long.MinValue;

    /// <summary>A message arrived.</summary>
    /// <param name="sentNs">When it was sent, by the sender's clock.</param>
    /// <param name="arrivedNs">When it arrived, by this process' clock.</param>
    /// <returns>What is to be added to the sender's times.</returns>
    public long Note(long sentNs, long arrivedNs)
    {
        lock (_lock)
        {
            var begins = _beganNs == long.MinValue || arrivedNs - _beganNs >= WindowNs;
            if (begins) (_leastBefore, _least, _beganNs) = (_least, long.MaxValue, arrivedNs);
            _least = Math.Min(_least, arrivedNs - sentNs);
            return Math.Min(_least, _leastBefore);
        }
    }
}
