using System.Runtime.CompilerServices;
using Npgsql;
using Tikr.Core.Dimensions;
using Tikr.Core.Rollup;

namespace Tikr.Storage.Timescale.Keys;

/// <summary>Lists keys by their values, page by page.</summary>
internal static class KeyListing
{
    public static async IAsyncEnumerable<StoredKey> ListAsync(
        TimescaleDatabase database, KeySql sql, Series series,
            string?[] match, [EnumeratorCancellation] CancellationToken cancellation)
    {
        int[] matched = [.. Enumerable.Range(0, match.Length).Where(i => match[i] is not null)];
        var prefix = DimensionText.SortKey(match.TakeWhile(value => value is not null)!);
        var end = After(prefix);
        (byte[] Sort, string[] Values)? last = null;
        List<(StoredKey Key, byte[] Sort)> page;
        do
        {
            page = await database.ReadAsync("list keys", (connection, stop) =>
            {
                var command = connection.Command(sql.Page(matched, last is null)).With(prefix).With(end);
                foreach (var i in matched) command.With(DimensionText.Escape(match[i]!));
                if (last is { } before)
                {
                    command.With(before.Sort);
                    foreach (var value in before.Values) command.With(DimensionText.Escape(value));
                }

                return command.ListAsync(reader => Read(reader, series), stop);
            }, cancellation).ConfigureAwait(false);
            foreach (var (key, sort) in page)
            {
                yield return key;
                last = (sort, key.Dimensions.Values);
            }
        }
        while (page.Count == KeySql.PageKeys);
    }

    /// <summary>A bound greater than every sort key that begins so. No UTF-8 byte is 0xFF.</summary>
    private static byte[] After(byte[] prefix) => [.. prefix, 0xff];

    private static (StoredKey, byte[]) Read(NpgsqlDataReader reader, Series series)
    {
        var values = new string[series.Model.Spec.Dimensions.Length];
        for (var i = 0; i < values.Length; i++) values[i] = DimensionText.Unescape(reader.GetString(i + 2));
        return (new StoredKey((uint)reader.GetInt64(0), new DimensionSet(series.Model.Spec, values)), reader.GetFieldValue<byte[]>(1));
    }
}
