using System.Globalization;

namespace Tikr.Storage.Timescale.Keys;

/// <summary>Statements on the keys of one series.</summary>
/// <param name="table">The table.</param>
/// <param name="dimensions">Columns of the dimensions, quoted.</param>
internal sealed class KeySql(string table, string[] dimensions)
{
    /// <summary>Keys of one page of a listing.</summary>
    public const int PageKeys = 2000;

    private readonly string _columns = string.Concat(dimensions.Select(d => ", " + d));

    public string Table => table;

    public int Dimensions => dimensions.Length;

    /// <summary>Keys by hash ($1): hash, number, since when idle, values.</summary>
    public string ByHash => $"SELECT hash, key_id, idle_since{_columns} FROM {table} WHERE hash = ANY ($1)";

    /// <summary>Keys by number ($1): hash, number, since when idle, values.</summary>
    public string ByNumber => $"SELECT hash, key_id, idle_since{_columns} FROM {table} WHERE key_id = ANY ($1)";

    /// <summary>Clears the marks of idle keys ($1 hashes); returns those that are still there.</summary>
    public string ClearIdle => $"UPDATE {table} SET idle_since = 0 WHERE hash = ANY ($1) RETURNING hash";

    /// <summary>$1 numbers, $2 hashes, $3 sort keys, $4... values.</summary>
    public string Insert
    {
        get
        {
            var arrays = string.Concat(dimensions.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $", ${i + 4}::text[]")));
            return $"INSERT INTO {table} (key_id, hash, sort{_columns}) SELECT "
                + $"* FROM unnest($1::bigint[], $2::uuid[], $3::bytea[]{arrays})";
        }
    }

    /// <summary>
    /// A page of keys by their values: $1, $2 sort keys from, to; then the wanted values of the named dimensions; then, unless it is the
    /// first page, sort key and values of the key before.
    /// </summary>
    public string Page(IReadOnlyList<int> matched, bool isFirst)
    {
        var number = 3;
        var wanted = string.Concat(matched.Select(i => string.Create(CultureInfo.InvariantCulture, $" AND {dimensions[i]} = ${number++}")));
        var before = string.Concat(
            Enumerable.Range(number, dimensions.Length + 1).Select(n => string.Create(CultureInfo.InvariantCulture, $", ${n}")));
        var after = isFirst ? "" : $" AND (sort{_columns}) > ({before[2..]})";
        return $"SELECT key_id, sort{_columns} FROM {table} WHERE sort >= $1 AND "
            + $"sort < $2{wanted}{after} ORDER BY sort{_columns} LIMIT {PageKeys}";
    }
}
