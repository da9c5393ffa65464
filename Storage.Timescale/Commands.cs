using Npgsql;

namespace Tikr.Storage.Timescale;

/// <summary>Short forms for commands with positional parameters.</summary>
internal static class Commands
{
    public static NpgsqlBatchCommand With<T>(this NpgsqlBatchCommand command, T value)
    {
        command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return command;
    }

    public static NpgsqlCommand With<T>(this NpgsqlCommand command, T value)
    {
        command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return command;
    }

    public static NpgsqlCommand Command(this NpgsqlConnection connection, string sql) => new(sql, connection);

    public static NpgsqlBatchCommand Add(this NpgsqlBatch batch, string sql)
    {
        var command = new NpgsqlBatchCommand(sql);
        batch.BatchCommands.Add(command);
        return command;
    }

    public static async Task<int> RunAsync(this NpgsqlCommand command, CancellationToken cancellation)
    {
        await using (command.ConfigureAwait(false)) return await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    public static async Task<T> ScalarAsync<T>(this NpgsqlCommand command, CancellationToken cancellation)
    {
        await using (command.ConfigureAwait(false)) return (T)(await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false))!;
    }

    public static async Task<List<T>> ListAsync<T>(
        this NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellation)
    {
        await using (command.ConfigureAwait(false))
        {
            var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                List<T> rows = [];
                while (await reader.ReadAsync(cancellation).ConfigureAwait(false)) rows.Add(read(reader));
                return rows;
            }
        }
    }
}
