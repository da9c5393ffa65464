using Npgsql;

namespace Tikr.Tests.Cluster.Checks;

/// <summary>What the database holds, by SQL and past all servers.</summary>
internal sealed class StoredMarket(string store)
{
    /// <summary>Every stored tick of a window, those that are stored twice twice.</summary>
    public Task<List<MarketTick>> TicksAsync(RoundWindow window) => ReadAsync(
        $"SELECT symbol, timestamp_ns, price, quantity, sequence FROM tikr.market_ticks WHERE {window.Where("timestamp_ns")}",
        row => new MarketTick(row.GetString(0), row.GetInt64(1), row.GetInt64(2), Number(row, 3), (uint)Number(row, 4)));

    /// <summary>Every stored bar of a window.</summary>
    public Task<List<StoredBar>> BarsAsync(RoundWindow window) => ReadAsync(
        "SELECT symbol, bucket_ns, open, high, low, close, volume, tick_count, first_timestamp_ns, last_timestamp_ns, revision "
            + $"FROM tikr.market_ticks_1s WHERE {window.Where("bucket_ns")}",
        row => new StoredBar(
            new MarketBar(
                row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5),
                Number(row, 6), Number(row, 7), row.GetInt64(8), row.GetInt64(9)),
            (int)Number(row, 10)));

    /// <summary>How many records wait to be published.</summary>
    public Task<long> WaitingAsync() => Sql.ScalarAsync<long>(store, "SELECT count(*) FROM tikr.outbox");

    // Unsigned and counting columns are numeric or of other widths.
    private static long Number(NpgsqlDataReader row, int column) =>
        Convert.ToInt64(row.GetValue(column), System.Globalization.CultureInfo.InvariantCulture);

    private async Task<List<T>> ReadAsync<T>(string sql, Func<NpgsqlDataReader, T> read)
    {
        await using var connection = new NpgsqlConnection(store);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SET jit = off; " + sql, connection) { CommandTimeout = 120 };
        await using var reader = await command.ExecuteReaderAsync();
        List<T> rows = [];
        while (await reader.ReadAsync()) rows.Add(read(reader));
        return rows;
    }
}

/// <summary>A bar and how often it was revised.</summary>
internal readonly record struct StoredBar(MarketBar Bar, int Revision);
