using Tikr.Core.Dimensions;

namespace Tikr.Core.Wire;

/// <summary>A tick whose bar had closed when it was received, in a series that routes such ticks.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Timestamp">Timestamp as sent.</param>
/// <param name="TimeNs">Event time, Unix nanoseconds.</param>
/// <param name="Sequence">Sequence as sent.</param>
/// <param name="Fields">Values of the model's fields, in its order.</param>
/// <param name="Present">Bit i is set where field i was given.</param>
public sealed record LateTick(InternedKey Key, ulong Timestamp, long TimeNs, uint Sequence, long[] Fields, ulong Present);
