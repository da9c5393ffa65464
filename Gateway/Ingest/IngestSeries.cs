using Tikr.Core.Dimensions;
using Tikr.Core.Wire;
using Tikr.Storage;

namespace Tikr.Gateway.Ingest;

/// <summary>A series as the streams see it: its place in the store, its keys and which ticks it takes. Shared by all streams.</summary>
internal sealed class IngestSeries(SeriesHandle handle, KeyInterner interner) : DecoderSeries(handle.Plan, interner)
{
    public SeriesHandle Handle { get; } = handle;
}
