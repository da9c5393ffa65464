using System.Globalization;
using System.Text;

namespace Tikr.Storage.Timescale.Schema.Views;

/// <summary>What a view or function is for; the words stand in the table view_objects.</summary>
internal enum ViewKind
{
    Ticks,
    Stored,
    Bars,
    KeyFunction,
    BarsFunction,
    TicksFunction,
}

/// <summary>A view or function of a series.</summary>
/// <param name="Kind">What it is for.</param>
/// <param name="RollupNs">Granularity of a view of bars; else 0.</param>
/// <param name="Name">Its name in the schema, not quoted.</param>
internal readonly record struct ViewObject(ViewKind Kind, long RollupNs, string Name)
{
    public bool IsFunction => Kind >= ViewKind.KeyFunction;
}

/// <summary>
/// Chooses the names of views and functions. A series' name may be anything, and the schema holds the tables of the store and perhaps
/// things of other people: what finds its name taken or too long is called series_{id} and its ending. A name once given stays.
/// </summary>
internal static class ViewNames
{
    /// <summary>Length of buckets in the largest unit that fits: 1s, 90s, 1m, 250ms.</summary>
    public static string Granularity(long ns)
    {
        (long Length, string Unit)[] units =
            [(3_600_000_000_000, "h"), (60_000_000_000, "m"), (1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "us"), (1, "ns")];
        var (length, unit) = Array.Find(units, u => ns % u.Length == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{ns / length}{unit}");
    }

    /// <summary>What comes behind the series' name.</summary>
    public static string Ending(ViewKind kind, long rollupNs) => kind switch
    {
        ViewKind.Ticks => "",
        ViewKind.Stored => "_stored",
        ViewKind.Bars => "_" + Granularity(rollupNs),
        ViewKind.KeyFunction => "_key",
        ViewKind.BarsFunction => "_bars",
        _ => "_ticks",
    };

    /// <summary>The name, and whether it is the wanted one.</summary>
    /// <param name="series">Name of the series.</param>
    /// <param name="seriesId">Its number.</param>
    /// <param name="ending">What comes behind.</param>
    /// <param name="isTaken">Whether something has the name.</param>
    public static string Choose(string series, int seriesId, string ending, Func<string, bool> isTaken)
    {
        var wanted = series + ending;
        if (Encoding.UTF8.GetByteCount(wanted) <= Sql.MaxIdentifierBytes
            && !wanted.Contains('\0', StringComparison.Ordinal) && !isTaken(wanted)) return wanted;
        var made = string.Create(CultureInfo.InvariantCulture, $"series_{seriesId}{ending}");
        while (isTaken(made)) made += "_";
        return made;
    }
}
