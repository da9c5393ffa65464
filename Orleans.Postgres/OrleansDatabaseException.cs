using Npgsql;
using Tikr.Orleans.Postgres.Schema;

namespace Tikr.Orleans.Postgres;

/// <summary>The database cannot serve Orleans as it is; the message says why and what to do, and never has a password.</summary>
public sealed class OrleansDatabaseException : Exception
{
    private OrleansDatabaseException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    internal static OrleansDatabaseException Misfit(string database, OrleansTable table, string column, string? type) => new(
        $"Table {table.Name} of database {database} does not fit Orleans: column "
            + $"{column} must be {string.Join(" or ", table.Columns[column])} and "
        + $"{(type is null ? "is missing" : $"is {type}")}. Use another database, or another "
            + $"schema (Search Path=NAME in the connection string), or rename that table.");

    internal static OrleansDatabaseException Refused(string database, PostgresException reason)
    {
        var remedy = reason.SqlState switch
        {
            PostgresErrorCodes.InsufficientPrivilege =>
                "Grant the user CREATE on the schema for the first start; later ones only read and write.",
            PostgresErrorCodes.InvalidSchemaName or PostgresErrorCodes.UndefinedTable => "Create the schema that Search Path names.",
            PostgresErrorCodes.UniqueViolation =>
                "Table orleansstorage holds a grain twice: delete the older rows (modifiedon says which) and start again.",
            _ => "Look at the server's log.",
        };
        return new($"Database {database} refuses the set-up of Orleans: {reason.SqlState} {reason.MessageText}. {remedy}", reason);
    }

    internal static OrleansDatabaseException Unreachable(NpgsqlConnectionStringBuilder at, TimeSpan waited, Exception reason) => new(
        $"Database {at.Database ?? at.Username} on {at.Host}:{at.Port} cannot be used as "
            + $"{at.Username} ({reason.Message}), asked for {waited.TotalSeconds:0} s. "
        + "Start the server, or correct the connection string.",
        reason);
}
