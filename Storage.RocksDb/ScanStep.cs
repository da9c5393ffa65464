using Tikr.Core.Ticks;

namespace Tikr.Storage.RocksDb;

/// <summary>What scans of ticks share: the range of blocks to visit and decoding into batches.</summary>
internal sealed class ScanStep(TickRetention retention, TickRead read)
{
    private readonly TickBlockReader _reader = new(read.Series.Model, read.Series.Model.FieldIds);

    /// <summary>Least time that a block with wanted ticks may begin with.</summary>
    public long FirstBlockTime { get; } = Math.Max(0, FirstWanted(retention, read) - FlushCommit.MaxBlockSpanNs);

    /// <summary>Slice to stop after.</summary>
    public uint LastSlice { get; } = TickKey.SliceOf(read.ToNs - 1);

    public TickRead Read { get; } = read;

    public TickBatch NewBatch() => new(Read.Series.Model.NewColumns());

    /// <summary>Decodes the wanted ticks of a block; false if there are none.</summary>
    public bool Decode(in TickKey key, ReadOnlySpan<byte> block, ReadOnlySpan<uint> wanted, TickBatch into)
    {
        into.Flush = new FlushId(key.Epoch, key.Flush);
        into.Runs.Clear();
        into.Columns.Count = 0;
        var from = FirstWanted(retention, Read);
        var oneKey = key.Kind == BlockKind.OneKey ? key.Group : 0;
        _reader.Read(block, oneKey, wanted, from, Read.ToNs, into.Columns, into.Runs);
        return into.Runs.Count > 0;
    }

    private static long FirstWanted(TickRetention retention, TickRead read) =>
        read.IncludesExpired ? read.FromNs : Math.Max(read.FromNs, retention.ExpiredBeforeNs);
}
