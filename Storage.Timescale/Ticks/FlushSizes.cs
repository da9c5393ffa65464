namespace Tikr.Storage.Timescale.Ticks;

/// <summary>Bytes of a flush by series and window of event time: what evicting by size goes by.</summary>
internal sealed class FlushSizes
{
    /// <summary>Event time of one window.</summary>
    public const long SliceNs = 10_000_000_000;

    /// <summary>What a row takes beside its block: tuple header, columns and index entry.</summary>
    public const int RowBytes = 128;

    private readonly Dictionary<(int Series, long Window), long> _bytes = [];

    public void Clear() => _bytes.Clear();

    public void Add(in EncodedBlock block)
    {
        var key = ((int)block.SeriesId, block.MinTime / SliceNs * SliceNs);
        _bytes[key] = _bytes.GetValueOrDefault(key) + block.Length + RowBytes;
    }

    public (int[] Series, long[] Windows, long[] Bytes) ToArrays() =>
        ([.. _bytes.Keys.Select(k => k.Series)], [.. _bytes.Keys.Select(k => k.Window)], [.. _bytes.Values]);
}
