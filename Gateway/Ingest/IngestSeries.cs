using Tikr.Core.Dimensions;
using Tikr.Core.Rollup;
using Tikr.Core.Wire;

namespace Tikr.Gateway.Ingest;

/// <summary>A series as the streams see it: its place in the store, its keys and which ticks it takes. Shared by all streams.</summary>
internal sealed class IngestSeries(Series series, KeyInterner interner) : DecoderSeries(series.Model, interner)
{
    public Series Series { get; } = series;
}
