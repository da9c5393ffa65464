using Tikr.Core.Dimensions;
using Tikr.Core.Memory;
using Tikr.Core.Rollup;
using Tikr.Core.Wire;
using Tikr.Gateway.Ingest.Lanes;
using Tikr.Storage;

namespace Tikr.Gateway.Ingest;

/// <summary>
/// The series that streams may bring ticks of: an immutable list behind one reference, which decoder and lane look at again and again.
/// </summary>
/// <param name="resident">Learns which keys the process holds.</param>
/// <param name="options">How many keys are kept.</param>
/// <param name="time">Tells how long keys have been idle.</param>
/// <param name="memory">Memory of the keys of all series; null for no bound.</param>
internal sealed class IngestSeriesSet(ResidentKeys resident, IngestOptions options, TimeProvider time, MemoryPart? memory = null)
    : ISeriesObserver, IDecoderSeriesSource
{
    private volatile IngestSeries[] _now = [];

    public IngestSeries[] Now => _now;

    DecoderSeries[] IDecoderSeriesSource.Now => _now;

    public void Added(Series series)
    {
        var interner = new KeyInterner(
            series.Model, (_, dimensions) => new LaneKey(series, dimensions, resident), time, options.MaxInternedKeys, memory);
        _now = [.. _now, new IngestSeries(series, interner)];
    }

    public void Removed(Series series)
    {
        foreach (var gone in _now.Where(one => one.Series == series)) gone.Interner.ReturnMemory();
        _now = [.. _now.Where(one => one.Series != series)];
    }
}
