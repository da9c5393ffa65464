using System.Globalization;
using System.Text;

namespace Tikr.Storage.Timescale.Schema;

/// <summary>
/// Chooses columns for dimensions and metrics: their own name where PostgreSQL can have it, else one made of their number.
/// </summary>
internal static class ColumnNames
{
    /// <summary>Columns that every table of bars has.</summary>
    public static readonly string[] OfBars = ["bucket", "key_id", "bucket_ns", "first_ns", "last_ns", "tick_count", "rev"];

    /// <summary>Columns that every table of keys has.</summary>
    public static readonly string[] OfKeys = ["key_id", "hash", "sort", "idle_since"];

    private static readonly string[] OfPostgres = ["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];

    /// <summary>A column name that is not taken.</summary>
    /// <param name="name">The wanted name.</param>
    /// <param name="prefix">Beginning of the name if the wanted one cannot be had.</param>
    /// <param name="number">Its end.</param>
    /// <param name="taken">Names in use.</param>
    public static string Choose(string name, string prefix, int number, IEnumerable<string> taken)
    {
        HashSet<string> used = [.. taken, .. OfPostgres];
        if (Encoding.UTF8.GetByteCount(name) <= Sql.MaxIdentifierBytes
            && !name.Contains('\0', StringComparison.Ordinal) && !used.Contains(name)) return name;
        var made = prefix + number.ToString(CultureInfo.InvariantCulture);
        while (used.Contains(made)) made += "_";
        return made;
    }
}
