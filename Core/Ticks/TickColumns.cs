namespace Tikr.Core.Ticks;

/// <summary>
/// Ticks as columns: one array per attribute, the same index for one tick. Grows and is reused, never shrinks.
/// uint64 fields are kept as their bit pattern.
/// </summary>
public sealed class TickColumns
{
    /// <summary>Makes empty columns.</summary>
    /// <param name="fieldCount">Distinct fields of the series, see <see cref="Rollup.SeriesModel.Fields"/>.</param>
    /// <param name="tracksPresence">True where a tick may lack a field (missing_field: skip).</param>
    public TickColumns(int fieldCount, bool tracksPresence = false)
    {
        Fields = new long[fieldCount][];
        TracksPresence = tracksPresence;
        Array.Fill(Fields, []);
    }

    /// <summary>Number of ticks held.</summary>
    public int Count { get; set; }

    /// <summary>Event time of each tick, Unix nanoseconds.</summary>
    public long[] Times { get; private set; } = [];

    /// <summary>Producer's sequence of each tick.</summary>
    public uint[] Sequences { get; private set; } = [];

    /// <summary>Values, one array per field.</summary>
    public long[][] Fields { get; }

    /// <summary>Per tick, bit i is set where field i was given. Null when every field counts as given.</summary>
    public ulong[]? Present { get; private set; }

    /// <summary>Whether <see cref="Present"/> is kept.</summary>
    public bool TracksPresence { get; }

    /// <summary>Makes room for <paramref name="capacity"/> ticks, keeping those held.</summary>
    public void EnsureCapacity(int capacity)
    {
        if (capacity <= Times.Length && Times.Length > 0) return;
        var size = Math.Max(Math.Max(capacity, Times.Length * 2), 64);
        Times = Grown(Times, size);
        Sequences = Grown(Sequences, size);
        for (var i = 0; i < Fields.Length; i++) Fields[i] = Grown(Fields[i], size);
        if (TracksPresence) Present = Grown(Present, size);
    }

    /// <summary>Adds the ticks of other columns of the same shape.</summary>
    public void Append(TickColumns other)
    {
        ArgumentNullException.ThrowIfNull(other);
        EnsureCapacity(Count + other.Count);
        other.Times.AsSpan(0, other.Count).CopyTo(Times.AsSpan(Count));
        other.Sequences.AsSpan(0, other.Count).CopyTo(Sequences.AsSpan(Count));
        for (var i = 0; i < Fields.Length; i++) other.Fields[i].AsSpan(0, other.Count).CopyTo(Fields[i].AsSpan(Count));
        other.Present?.AsSpan(0, other.Count).CopyTo(Present.AsSpan(Count));
        Count += other.Count;
    }

    private static T[] Grown<T>(T[]? array, int size)
    {
        Array.Resize(ref array, size);
        return array;
    }
}
