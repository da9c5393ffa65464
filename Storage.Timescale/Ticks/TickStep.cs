using Tikr.Core.Ticks;

namespace Tikr.Storage.Timescale.Ticks;

/// <summary>Decodes the wanted ticks of blocks.</summary>
internal sealed class TickStep(TickFetch fetch)
{
    private readonly TickBlockReader _reader = new(fetch.Read.Series.Model, fetch.Read.Series.Model.FieldIds);

    public TickBatch NewBatch() => new(fetch.Read.Series.Model.NewColumns());

    /// <summary>Decodes the wanted ticks that have not expired by now; false if there are none.</summary>
    public bool Decode(in BlockPosition position, ReadOnlySpan<byte> block, ReadOnlySpan<uint> wanted, TickBatch into)
    {
        into.Flush = position.Flush;
        into.LeastTime = position.MinTime;
        into.Runs.Clear();
        into.Columns.Count = 0;
        var oneKey = TickGroup.IsShared(position.Group) ? 0 : (uint)position.Group;
        _reader.Read(block, oneKey, wanted, fetch.FromNs, fetch.Read.ToNs, into.Columns, into.Runs);
        return into.Runs.Count > 0;
    }
}
