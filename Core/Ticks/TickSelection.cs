namespace Tikr.Core.Ticks;

/// <summary>The ticks of a block that a read wants.</summary>
internal ref struct TickSelection(Span<TickSelection.Slice> slices, Span<TickSelection.Range> ranges)
{
    private readonly Span<Slice> slices = slices;
    private readonly Span<Range> ranges = ranges;
    private int sliceCount, rangeCount;

    /// <summary>Number of ticks.</summary>
    public int Count { get; private set; }

    /// <summary>Wanted ticks key by key.</summary>
    public readonly ReadOnlySpan<Slice> Slices => slices[..sliceCount];

    /// <summary>The same ticks in as few ranges as possible.</summary>
    public readonly ReadOnlySpan<Range> Ranges => ranges[..rangeCount];

    /// <summary>Adds ticks of a key that stand behind all that were added before.</summary>
    public void Add(int key, int start, int count, int offset)
    {
        slices[sliceCount++] = new Slice(key, start, count, offset);
        Count += count;
        if (rangeCount > 0 && ranges[rangeCount - 1] is var last && last.Start + last.Count == start)
        {
            ranges[rangeCount - 1] = last with { Count = last.Count + count };
        }
        else
        {
            ranges[rangeCount++] = new Range(start, count);
        }
    }

    /// <summary>Wanted ticks of one key.</summary>
    /// <param name="Key">Index of the key in the block.</param>
    /// <param name="Start">Index of the first tick in the block.</param>
    /// <param name="Count">How many.</param>
    /// <param name="Offset">Index of the first tick among the key's ticks.</param>
    public readonly record struct Slice(int Key, int Start, int Count, int Offset);

    /// <summary>Consecutive ticks of the block.</summary>
    public readonly record struct Range(int Start, int Count);
}
