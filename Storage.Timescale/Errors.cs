using System.Net.Sockets;
using Npgsql;

namespace Tikr.Storage.Timescale;

/// <summary>The store's error texts: each names the thing, the value, the rule and the remedy.</summary>
internal static class Errors
{
    /// <summary>Whether an exception is the database's or the way to it, not a mistake of ours.</summary>
    public static bool IsOfDatabase(Exception e) => e is NpgsqlException or SocketException or IOException or TimeoutException;

    /// <summary>Whether the connection broke or the server is going down: what was under way is lost, or its answer is.</summary>
    public static bool IsLostConnection(Exception e) => e is PostgresException p
        ? p.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow
        : e is SocketException or IOException or NpgsqlException { InnerException: SocketException or IOException };

    public static StoreUnavailableException Unavailable(string what, Exception e) =>
        new($"The database could not {what}: {Reason(e)} Nothing of this operation is acknowledged; it may be retried.", e);

    public static StoreUnavailableException TimedOut(string what, TimeSpan after, Exception e) => new(
        $"The database did not {what} within {after.TotalSeconds:0.#} s. Nothing of this operation is acknowledged; it may be retried. "
        + "If it persists, check the database's load, its locks and the network.", e);

    public static StoreUnavailableException Closed() => new("The store is closed.");

    public static StoreUnavailableException NotOpen() =>
        new("The series catalog has not been opened: nothing can be read or written before.");

    public static StoreRefusedException NoTimescale(string server, Exception e) => new(
        $"The database at {server} has no TimescaleDB: {Reason(e)} Install the extension "
            + $"(shared_preload_libraries = 'timescaledb'), and give this user the right to "
        + "run CREATE EXTENSION timescaledb, or run it yourself.", e);

    public static StoreRefusedException WrongFormat(string schema, int stored, int known) => new(
        $"Schema '{schema}' has format {stored}; this version reads format {known}. Use the version that wrote it, or another schema.");

    public static StoreRefusedException NotUtf8(string encoding) => new(
        $"The database's encoding is {encoding}; it must be UTF8, since dimension "
            + $"values may hold any text. Create the database with ENCODING 'UTF8'.");

    public static StoreRefusedException SpecsRefused(string schema, IEnumerable<string> reasons) => new(
        $"The store in schema '{schema}' does not fit the specs:{string.Concat(reasons.Select(r => $"{Environment.NewLine}  {r}"))}");

    public static StoreRefusedException TooManySeries() => new(
        "The store has numbered 65,535 series, the most it can. Use another schema to begin anew, or fewer series names.");

    public static StoreUnavailableException BarsContended(int bars, int attempts) => new(
        $"{bars} bars could not be written in {attempts} attempts: other writers stored some of the "
            + $"same buckets each time. Nothing of this operation is acknowledged; it may be retried.");

    private static string Reason(Exception e) => e switch
    {
        PostgresException p => $"{p.MessageText} ({p.SqlState}).{Advice(p.SqlState)}",
        NpgsqlException { InnerException: { } inner } when inner is not PostgresException =>
            $"{e.Message.TrimEnd('.')}: {inner.Message.TrimEnd('.')}.",
        _ => $"{e.Message.TrimEnd('.')}.",
    };

    private static string Advice(string state) => state switch
    {
        PostgresErrorCodes.DiskFull =>
            " The database's disk is full: free space, or lower storage.ticks.max_size_gb and storage.rollup.max_size_gb.",
        PostgresErrorCodes.TooManyConnections =>
            " It is out of connections: raise max_connections, or lower the connections of its clients.",
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow =>
            " It is stopping or starting.",
        PostgresErrorCodes.InsufficientPrivilege => " Give this user the rights of the schema's owner.",
        _ => "",
    };
}
