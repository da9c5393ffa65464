using System.Globalization;

namespace Tikr.Grains.Activations;

/// <summary>A key by series name and dimension hash: what a grain key says, without the string.</summary>
internal readonly record struct SeriesKey(string Series, UInt128 Hash)
{
    /// <summary>Reads a grain key.</summary>
    public static SeriesKey Parse(string grainKey)
    {
        var series = SeriesGrainKey.SeriesOf(grainKey);
        return new SeriesKey(series,
            UInt128.Parse(grainKey.AsSpan(series.Length + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
    }

    /// <inheritdoc/>
    public bool Equals(SeriesKey other) => Hash == other.Hash && Series == other.Series;

    // The dimension hash is already well mixed; series that share dimension values are few.
    /// <inheritdoc/>
    public override int GetHashCode() => ((ulong)Hash).GetHashCode();
}
