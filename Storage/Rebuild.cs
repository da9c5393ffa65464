using Tikr.Core.Rollup;

namespace Tikr.Storage;

/// <summary>
/// What a changed bar definition leaves to do for a series. Durable, and written with the definition itself: from that moment on "no bar is
/// stored" proves nothing for the buckets of before, since their ticks made other bars.
/// </summary>
/// <param name="ProvenFrom">
/// Bucket start from which on what is delivered proves a bar: no tick was stored there under another definition. Unix nanoseconds.
/// </param>
/// <param name="From">Buckets from here to <paramref name="ProvenFrom"/> had begun and were not closed: still to be made once due.</param>
/// <param name="Below">Buckets below were closed under the other definition: still to be made, newest first.</param>
/// <param name="DownTo">No tick was stored before this event time; where <paramref name="Below"/> comes to its end.</param>
public readonly record struct Rebuild(long ProvenFrom, long From, long Below, long DownTo)
{
    /// <summary>Whether nothing is left to be made.</summary>
    public bool IsDone => From >= ProvenFrom && Below <= DownTo;

    /// <summary>What is to be done when the definition changes.</summary>
    /// <param name="model">The series as it is from now on.</param>
    /// <param name="nowNs">Wall time of the change, Unix nanoseconds.</param>
    /// <param name="stored">Event times of the stored ticks, from the first to behind the last; null without any.</param>
    public static Rebuild After(SeriesModel model, long nowNs, (long FromNs, long ToNs)? stored)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (stored is not { } ticks) return default;
        var present = model.BucketOf(nowNs);
        var last = model.BucketOf(Math.Max(nowNs, ticks.ToNs - 1));
        return new Rebuild(model.EndOf(last), present, present, ticks.FromNs);
    }
}

/// <summary>Keeps how far the bars of each series have been made again. <see cref="ISeriesCatalog.OpenAsync"/> begins a rebuild.</summary>
public interface IRebuildStore
{
    /// <summary>What is left for a series; the default for one whose bar definition never changed.</summary>
    Rebuild RebuildOf(Series series);

    /// <summary>Saves how far it has come. May be lost with the process: work is done again then, to the same end.</summary>
    ValueTask SaveAsync(Series series, Rebuild rebuild, CancellationToken cancellation);
}
