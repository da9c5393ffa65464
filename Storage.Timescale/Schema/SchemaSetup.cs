using Npgsql;

namespace Tikr.Storage.Timescale.Schema;

/// <summary>Makes database and schema ready; safe when several silos start at once.</summary>
internal static class SchemaSetup
{
    /// <summary>Second number of the advisory lock that changes of the schema hold.</summary>
    private const int SchemaLock = 0;

    /// <summary>First number of the lock on the extension, which all schemas of the database share: "tikr".</summary>
    private const int ExtensionLock = 0x74696b72;

    /// <summary>Installs the extension if it is not there.</summary>
    public static Task<bool> EnsureExtensionAsync(TimescaleDatabase database, CancellationToken cancellation) =>
        database.MaintainAsync("install TimescaleDB", async (connection, stop) =>
        {
            var transaction = await BeginAsync(ExtensionLock, connection, stop).ConfigureAwait(false);
            await using var transactionEnd = transaction.ConfigureAwait(false);
            var encoding = await connection.Command("SELECT current_setting('server_encoding')")
                .ScalarAsync<string>(stop).ConfigureAwait(false);
            if (encoding != "UTF8") throw Errors.NotUtf8(encoding);
            if (await connection.Command("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb')")
                .ScalarAsync<bool>(stop).ConfigureAwait(false)) return false;
            try
            {
                await connection.Command("CREATE EXTENSION IF NOT EXISTS timescaledb").RunAsync(stop).ConfigureAwait(false);
            }
            catch (PostgresException e)
            {
                throw Errors.NoTimescale(database.Server, e);
            }

            await transaction.CommitAsync(stop).ConfigureAwait(false);
            return true;
        }, cancellation);

    /// <summary>Begins a transaction that may take long and excludes every other change of this schema.</summary>
    public static Task<NpgsqlTransaction> BeginAsync(
        TimescaleDatabase database, NpgsqlConnection connection, CancellationToken cancellation) =>
        BeginAsync(database.LockSpace, connection, cancellation);

    private static async Task<NpgsqlTransaction> BeginAsync(int lockSpace, NpgsqlConnection connection, CancellationToken cancellation)
    {
        var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        await connection.Command($"SELECT pg_advisory_xact_lock({lockSpace}, {SchemaLock})")
            .RunAsync(cancellation).ConfigureAwait(false);
        return transaction;
    }

    /// <summary>Creates the shared tables, or brings them to the present format.</summary>
    public static async Task CreateSharedAsync(TimescaleDatabase database, NpgsqlConnection connection, CancellationToken cancellation)
    {
        await connection.Command(SharedTables.Create(database.Schema)).RunAsync(cancellation).ConfigureAwait(false);
        var format = await connection.Command($"SELECT format FROM {database.Schema}.state")
            .ScalarAsync<int>(cancellation).ConfigureAwait(false);
        if (format is < 1 or > SharedTables.Format) throw Errors.WrongFormat(database.Options.Schema, format, SharedTables.Format);
        if (format == 1) await SchemaMigration.FromFirstAsync(database, connection, cancellation).ConfigureAwait(false);
        if (format <= 2) await SchemaMigration.FromSecondAsync(database, connection, cancellation).ConfigureAwait(false);
    }
}
