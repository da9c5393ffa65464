using System.Globalization;

namespace Tikr.Storage.Timescale.Catalog;

/// <summary>Tables of a series. They are numbered, so that names of series may have any length.</summary>
/// <param name="Schema">The schema, quoted.</param>
/// <param name="SeriesId">Number of the series.</param>
internal readonly record struct TableNames(string Schema, int SeriesId)
{
    public string Keys => string.Create(CultureInfo.InvariantCulture, $"{Schema}.keys_{SeriesId}");

    public string Ticks => $"{Schema}.{TicksName}";

    /// <summary>The same without the schema.</summary>
    public string TicksName => string.Create(CultureInfo.InvariantCulture, $"ticks_{SeriesId}");

    /// <summary>The table of bars with this length of bucket.</summary>
    public string Bars(long rollupNs) => $"{Schema}.{BarsName(rollupNs)}";

    /// <summary>The same without the schema.</summary>
    public string BarsName(long rollupNs) => string.Create(CultureInfo.InvariantCulture, $"bars_{SeriesId}_{rollupNs}");
}
