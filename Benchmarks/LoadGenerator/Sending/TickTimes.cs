using System.Numerics;
using System.Runtime.CompilerServices;

namespace Tikr.LoadGenerator.Sending;

/// <summary>
/// Times of the ticks of a message that covers a span of time, when sent and again when folded. No two streams that share keys, and no late
/// and no punctual tick, ever have equal times, so that the order inside a bar is known here.
/// </summary>
internal readonly struct TickTimes(int stream, int streams, bool late)
{
    /// <summary>
    /// The <see cref="TickSlot.Position"/> that stands for the end of the span: 24 bits, so that spans of minutes do not overflow.
    /// </summary>
    public const int Whole = 1 << 24;

    private readonly long _mask = BitOperations.RoundUpToPowerOf2((uint)((late ? 2 : 1) * streams)) - 1;
    private readonly long _class = (late ? 2 : 1) * stream;

    /// <summary>What a late tick's <see cref="TickSlot.LateNs"/> must be, at least so many nanoseconds.</summary>
    public long Lateness(long atLeastNs) => ((atLeastNs + _mask) & ~_mask) - 1;

    /// <summary>Unix nanoseconds of a tick.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Of(in TickSlot slot, long startNs, long spanNs) =>
        (((startNs + ((spanNs * slot.Position) >> 24)) & ~_mask) | _class) - slot.LateNs;
}
