using Tikr.Core.Rollup;

namespace Tikr.Storage.Timescale.Catalog;

/// <summary>The configured series by number, once the catalog has been opened.</summary>
internal sealed class SeriesRegistry
{
    private volatile IReadOnlyDictionary<ushort, TimescaleSeries> _byId = new Dictionary<ushort, TimescaleSeries>();

    public IEnumerable<TimescaleSeries> All => _byId.Values;

    /// <summary>Furthest that any series lets ticks run ahead of the clock, nanoseconds.</summary>
    public long MaxFutureNs => _byId.Values.Select(series => series.Series.Model.Spec.MaxFutureNs).DefaultIfEmpty(0).Max();

    public TimescaleSeries Of(Series series) => Find(series.Id) ?? throw Errors.NotOpen();

    public TimescaleSeries? Find(ushort seriesId) => _byId.GetValueOrDefault(seriesId);

    public void Publish(IEnumerable<TimescaleSeries> series)
    {
        var all = new Dictionary<ushort, TimescaleSeries>(_byId);
        foreach (var tables in series) all[tables.Series.Id] = tables;
        _byId = all;
    }
}
