namespace Tikr.Storage.Timescale.Series;

/// <summary>The configured series by number, once the catalog has been opened.</summary>
internal sealed class SeriesRegistry
{
    private volatile IReadOnlyDictionary<ushort, SeriesTables> _byId = new Dictionary<ushort, SeriesTables>();

    public IEnumerable<SeriesTables> All => _byId.Values;

    /// <summary>Furthest that any series lets ticks run ahead of the clock, nanoseconds.</summary>
    public long MaxFutureNs => _byId.Values.Select(series => series.Handle.Plan.Spec.MaxFutureNs).DefaultIfEmpty(0).Max();

    public SeriesTables Of(SeriesHandle series) => Find(series.SeriesId) ?? throw Errors.NotOpen();

    public SeriesTables? Find(ushort seriesId) => _byId.GetValueOrDefault(seriesId);

    public void Publish(IEnumerable<SeriesTables> series)
    {
        var all = new Dictionary<ushort, SeriesTables>(_byId);
        foreach (var tables in series) all[tables.Handle.SeriesId] = tables;
        _byId = all;
    }
}
