using Npgsql;

namespace Tikr.Storage.Timescale.Schema.Views;

/// <summary>
/// The group role of people who read: it may use the schema, select from the views and call the functions, and nothing else. Roles belong
/// to the whole server, so other databases and schemas share it.
/// </summary>
internal sealed class ReaderRole(TimescaleDatabase database, string role)
{
    /// <summary>Its name; another one is for tests, since the servers of tests share their roles.</summary>
    public const string Name = "tikr_reader";

    /// <summary>Creates it where the user may, and gives it the rights that it lacks.</summary>
    public async Task ApplyAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, IReadOnlyCollection<string> views,
            IReadOnlyCollection<string> functions, CancellationToken stop)
    {
        if (!await ExistsAsync(connection, stop).ConfigureAwait(false)
            && !await CreateAsync(connection, transaction, stop).ConfigureAwait(false))
        {
            Log.NoReaderRole(database.Logger, role, $"CREATE ROLE {role} NOLOGIN; {Grants(views, functions)}");
            return;
        }

        var lacks = await connection.Command($"""
            SELECT NOT (has_schema_privilege('{role}', quote_ident($1)::regnamespace, 'USAGE')
                AND (SELECT coalesce(bool_and(has_table_privilege('{role}', v::regclass, 'SELECT')), true) FROM unnest($2::text[]) AS v)
                AND (SELECT coalesce(bool_and(has_function_privilege('{role}', f::regprocedure, 'EXECUTE')), true)
                    FROM unnest($3::text[]) AS f))
            """).With(database.Options.Schema).With<string[]>([.. views]).With<string[]>([.. functions])
            .ScalarAsync<bool>(stop).ConfigureAwait(false);
        if (!lacks) return;
        await transaction.SaveAsync("grants", stop).ConfigureAwait(false);
        try
        {
            await connection.Command(Grants(views, functions)).RunAsync(stop).ConfigureAwait(false);
        }
        catch (PostgresException e)
        {
            await transaction.RollbackAsync("grants", stop).ConfigureAwait(false);
            Log.ReaderNotGranted(database.Logger, role, database.Options.Schema, e.MessageText + ".", Grants(views, functions));
        }
    }

    private Task<bool> ExistsAsync(NpgsqlConnection connection, CancellationToken stop) =>
        connection.Command($"SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}')").ScalarAsync<bool>(stop);

    /// <summary>False if this user may not. Silos of other databases may be creating it too.</summary>
    private async Task<bool> CreateAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken stop)
    {
        var may = await connection.Command("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
            .ScalarAsync<bool>(stop).ConfigureAwait(false);
        if (!may) return false;
        await transaction.SaveAsync("role", stop).ConfigureAwait(false);
        try
        {
            await connection.Command($"CREATE ROLE {role} NOLOGIN").RunAsync(stop).ConfigureAwait(false);
            return true;
        }
        catch (PostgresException)
        {
            await transaction.RollbackAsync("role", stop).ConfigureAwait(false);
            return await ExistsAsync(connection, stop).ConfigureAwait(false);
        }
    }

    private string Grants(IReadOnlyCollection<string> views, IReadOnlyCollection<string> functions) =>
        $"GRANT USAGE ON SCHEMA {database.Schema} TO {role};"
        + (views.Count == 0 ? "" : $" GRANT SELECT ON {string.Join(", ", views)} TO {role};")
        + (functions.Count == 0 ? "" : $" GRANT EXECUTE ON FUNCTION {string.Join(", ", functions)} TO {role};");
}
