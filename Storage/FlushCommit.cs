using System.Buffers;
using System.Runtime.InteropServices;

namespace Tikr.Storage;

/// <summary>How ticks are grouped in a block.</summary>
public enum BlockKind : byte
{
    /// <summary>All ticks of the block are of one key; the group is the key number.</summary>
    OneKey = 0,

    /// <summary>
    /// Ticks of many keys that each bring few per flush; the group is the key number modulo <see cref="FlushCommit.SharedGroups"/>.
    /// </summary>
    SharedKeys = 1,
}

/// <summary>An encoded block of a flush.</summary>
/// <param name="SeriesId">The series.</param>
/// <param name="Kind">How ticks are grouped.</param>
/// <param name="Group">Key number or group number.</param>
/// <param name="MinTime">Least event time of the block, Unix nanoseconds.</param>
/// <param name="Ordinal">Number of the block within its flush: with epoch and flush it makes the block's key unique.</param>
/// <param name="Offset">Where the encoded bytes begin in <see cref="FlushCommit.Bytes"/>.</param>
/// <param name="Length">How many bytes.</param>
/// <param name="Ticks">How many ticks.</param>
public readonly record struct EncodedBlock(
    ushort SeriesId, BlockKind Kind, uint Group, long MinTime, uint Ordinal, int Offset, int Length, int Ticks);

/// <summary>A (key, bucket) that a flush touches.</summary>
/// <param name="KeyId">The key.</param>
/// <param name="BucketStart">Bucket start, Unix nanoseconds.</param>
public readonly record struct BucketRef(uint KeyId, long BucketStart);

/// <summary>Pairs of one series in a manifest.</summary>
/// <param name="SeriesId">The series.</param>
/// <param name="RollupNs">Bucket length that the pairs were computed with.</param>
/// <param name="Pairs">The pairs.</param>
public sealed record ManifestSection(ushort SeriesId, long RollupNs, List<BucketRef> Pairs)
{
    /// <summary>Start of its first bucket; <see cref="long.MaxValue"/> without pairs.</summary>
    public long LeastBucket
    {
        get
        {
            var least = long.MaxValue;
            foreach (var pair in CollectionsMarshal.AsSpan(Pairs)) least = Math.Min(least, pair.BucketStart);
            return least;
        }
    }

    /// <summary>Without the pairs whose bucket ends at or before a time: ticks of theirs are no longer there.</summary>
    public ManifestSection EndingAfter(long ns) => this with { Pairs = [.. Pairs.Where(pair => pair.BucketStart + RollupNs > ns)] };
}

/// <summary>The (key, bucket) pairs that a committed flush touched.</summary>
/// <param name="Id">The flush.</param>
/// <param name="Sections">Pairs by series.</param>
public sealed record Manifest(FlushId Id, IReadOnlyList<ManifestSection> Sections);

/// <summary>Late ticks of one key that a flush puts into the outbox.</summary>
/// <param name="Partition">Outbox partition, one of late ticks.</param>
/// <param name="SeriesId">The series.</param>
/// <param name="KeyId">The key.</param>
/// <param name="TimeNs">Their greatest event time, Unix nanoseconds.</param>
/// <param name="Offset">Where the encoded request begins in <see cref="FlushCommit.Bytes"/>.</param>
/// <param name="Length">How many bytes.</param>
public readonly record struct RoutedRecord(int Partition, ushort SeriesId, uint KeyId, long TimeNs, int Offset, int Length);

/// <summary>One flush on its way into the store. Reused by its lane: a store keeps no reference to it after it returns.</summary>
public sealed class FlushCommit
{
    /// <summary>Groups that keys with few ticks per flush share.</summary>
    public const uint SharedGroups = 64;

    /// <summary>Longest span of event time within one block; scans begin this much early. Nanoseconds.</summary>
    public const long MaxBlockSpanNs = 2_000_000_000;

    /// <summary>Most ticks in one block.</summary>
    public const int MaxBlockTicks = 256;

    /// <summary>The flush.</summary>
    public FlushId Id { get; set; }

    /// <summary>Encoded blocks.</summary>
    public List<EncodedBlock> Blocks { get; } = [];

    /// <summary>The blocks' bytes, one after the other.</summary>
    public ArrayBufferWriter<byte> Bytes { get; } = new(1 << 16);

    /// <summary>Pairs touched, by series.</summary>
    public List<ManifestSection> Manifest { get; } = [];

    /// <summary>Late ticks for the outbox, written with the rest, all or nothing.</summary>
    public List<RoutedRecord> Routed { get; } = [];

    /// <summary>
    /// Whether it brings no ticks, and only decides what became of the flushes before it. A full store takes it all the same.
    /// </summary>
    public bool IsEmpty => Blocks.Count == 0 && Routed.Count == 0;

    /// <summary>Start of the first bucket that it has ticks of; <see cref="long.MaxValue"/> without any.</summary>
    public long LeastBucket
    {
        get
        {
            var least = long.MaxValue;
            foreach (var section in Manifest) least = Math.Min(least, section.LeastBucket);
            return least;
        }
    }

    /// <summary>Makes it ready for the next flush.</summary>
    public void Clear()
    {
        Blocks.Clear();
        Bytes.ResetWrittenCount();
        Manifest.Clear();
        Routed.Clear();
    }
}
