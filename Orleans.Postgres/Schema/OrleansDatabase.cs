using System.Data.Common;
using Npgsql;

namespace Tikr.Orleans.Postgres.Schema;

/// <summary>
/// Creates what the providers need and lacks. What is there and fits is left as it is, whoever made it; queries that an older
/// version of this one wrote are replaced. All of it is one transaction under a lock, so silos that start together take turns.
/// </summary>
internal static class OrleansDatabase
{
    /// <summary>Begins the text of queries written here, so that a later version knows them.</summary>
    public const string Mark = "-- tikr orleans 1\n";

    private const string AnyMark = "-- tikr orleans ";
    // Any number does that no one else uses: "tikrorl" in letters.
    private const long LockKey = 0x74_69_6b_72_6f_72_6c;

    /// <summary>Sets the database up; says whether there was anything to do.</summary>
    /// <exception cref="OrleansDatabaseException">The database has tables of these names that do not fit, or may not be
    /// changed.</exception>
    public static async Task<bool> SetUpAsync(NpgsqlDataSource source, CancellationToken cancellation)
    {
        var connection = await source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var connectionEnd = connection.ConfigureAwait(false);
        var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        await using var transactionEnd = transaction.ConfigureAwait(false);
        try
        {
            await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({LockKey})", cancellation).ConfigureAwait(false);
            var changed = await CreateTablesAsync(connection, cancellation).ConfigureAwait(false);
            changed |= await WriteQueriesAsync(connection, cancellation).ConfigureAwait(false);
            await transaction.CommitAsync(cancellation).ConfigureAwait(false);
            return changed;
        }
        catch (PostgresException refused) when (!refused.IsTransient)
        {
            throw OrleansDatabaseException.Refused(connection.Database, refused);
        }
    }

    private static async Task<bool> CreateTablesAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var changed = false;
        foreach (var table in OrleansTables.All)
        {
            var columns = await ReadPairsAsync(connection, ColumnsOf(table.Name), cancellation).ConfigureAwait(false);
            if (columns.Count == 0)
            {
                await ExecuteAsync(connection, table.Definition, cancellation).ConfigureAwait(false);
                changed = true;
            }

            var misfits = columns.Count == 0
                ? [] : table.Columns.Where(column => !column.Value.Contains(columns.GetValueOrDefault(column.Key))).ToList();
            if (misfits.Count > 0) throw OrleansDatabaseException.Misfit(
                connection.Database, table, misfits[0].Key, columns.GetValueOrDefault(misfits[0].Key));
        }

        return changed;
    }

    private static async Task<bool> WriteQueriesAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var stored = await ReadPairsAsync(connection, "SELECT querykey, querytext FROM orleansquery", cancellation).ConfigureAwait(false);
        var due = ClusteringQueries.All.Concat(StorageQueries.All)
            .Select(query => (query.Key, Text: Mark + query.Value)).Where(IsDue).ToList();
        if (due.Exists(query => query.Key == StorageQueries.WriteKey))
            await ExecuteAsync(connection, OrleansTables.OneStatePerGrain, cancellation).ConfigureAwait(false);
        foreach (var (key, text) in due)
        {
            const string Upsert = "INSERT INTO orleansquery (querykey, querytext) VALUES ($1, "
                + "$2) ON CONFLICT (querykey) DO UPDATE SET querytext = excluded.querytext";
            var command = new NpgsqlCommand(Upsert, connection) { Parameters = { new() { Value = key }, new() { Value = text } } };
            await using var commandEnd = command.ConfigureAwait(false);
            await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        }

        return due.Count > 0;

        bool IsDue((string Key, string Text) query) =>
            !stored.TryGetValue(query.Key, out var text) || (text != query.Text && text.StartsWith(AnyMark, StringComparison.Ordinal));
    }

    private static string ColumnsOf(string table) =>
        $"SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = '{table}'";

    private static async Task<Dictionary<string, string>> ReadPairsAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        var command = new NpgsqlCommand(sql, connection);
        await using var commandEnd = command.ConfigureAwait(false);
        DbDataReader reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        await using var readerEnd = reader.ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false)) pairs[reader.GetString(0)] = reader.GetString(1);
        return pairs;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        var command = new NpgsqlCommand(sql, connection);
        await using var commandEnd = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }
}
