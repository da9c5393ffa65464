using Tikr.Core.Dimensions;
using Tikr.Core.Rollup;
using Tikr.Core.Wire;
using Tikr.Gateway.Ingest.Lanes;
using Tikr.Storage;

namespace Tikr.Gateway.Ingest;

/// <summary>A series as the streams see it: its place in the store, its keys and which ticks it takes. Shared by all streams.</summary>
internal sealed class IngestSeries
{
    private IngestSeries(SeriesHandle handle, SeriesIngress ingress) => (Handle, Ingress) = (handle, ingress);

    public SeriesHandle Handle { get; }

    public SeriesIngress Ingress { get; }

    public SeriesPlan Plan => Handle.Plan;

    /// <summary>Makes it ready for streams.</summary>
    /// <param name="handle">The series.</param>
    /// <param name="resident">Learns which keys the process holds.</param>
    /// <param name="maxKeys">Raw dimension encodings kept.</param>
    /// <param name="time">Tells how long keys have been idle.</param>
    public static IngestSeries Open(SeriesHandle handle, ResidentKeys resident, int maxKeys, TimeProvider time)
    {
        var interner = new KeyInterner(handle.Plan, (_, dimensions) => new LaneKey(handle, dimensions, resident), time, maxKeys);
        return new IngestSeries(handle, new SeriesIngress(handle.Plan, interner));
    }
}
