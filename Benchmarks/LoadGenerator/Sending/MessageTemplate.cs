namespace Tikr.LoadGenerator.Sending;

/// <summary>A tick inside a serialised message: where its time and sequence stand, and what they become.</summary>
internal struct TickSlot
{
    public int TimeAt;
    public int SequenceAt;

    /// <summary>Where the tick lies between the message before (0) and this one (<see cref="TickTimes.Whole"/>).</summary>
    public uint Position;

    /// <summary>How many ticks of the key stand before this one in the stream's templates, and how many there are in all.</summary>
    public uint Ordinal, PerRound;

    /// <summary>Index of the key in the stream's keys.</summary>
    public int Key;

    /// <summary>Nanoseconds that the tick comes late; 0 for most.</summary>
    public long LateNs;
}

/// <summary>An IngestRequest serialised once and sent many times, with new times and sequences each time.</summary>
/// <param name="Bytes">The message.</param>
/// <param name="Slots">Its ticks.</param>
/// <param name="Values">Field values, tick by tick.</param>
internal sealed record MessageTemplate(byte[] Bytes, TickSlot[] Slots, long[] Values);
