namespace Tikr.LoadGenerator;

/// <summary>A tick inside a serialised message: where its time and sequence stand, and what it holds.</summary>
internal struct TickSlot
{
    public int TimeAt;
    public int SequenceAt;

    /// <summary>Index of the key in the stream's keys.</summary>
    public int Key;

    public int Price;
    public int Quantity;

    /// <summary>How many ticks of the key stand before this one in the stream's templates.</summary>
    public int Ordinal;
}

/// <summary>An IngestRequest serialised once and sent many times, with new times and sequences each time.</summary>
internal sealed record MessageTemplate(byte[] Bytes, TickSlot[] Slots);
