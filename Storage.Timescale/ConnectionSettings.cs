using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Npgsql;

namespace Tikr.Storage.Timescale;

/// <summary>How this store connects.</summary>
internal static class ConnectionSettings
{
    /// <summary>Longest that a change of the schema or a deletion of old data may take.</summary>
    public static readonly TimeSpan MaintenanceTimeout = TimeSpan.FromMinutes(2);

    private static readonly string MaintenanceMs = ((long)MaintenanceTimeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);

    /// <summary>Lets the statements of this transaction take long.</summary>
    public static string LocalMaintenance { get; } = $"SET LOCAL statement_timeout = {MaintenanceMs}; SET LOCAL client_min_messages = warning";

    /// <summary>Lets the statements of this session take long, until <see cref="EndMaintenance"/>.</summary>
    public static string SessionMaintenance { get; } = $"SET statement_timeout = {MaintenanceMs}";

    public static string EndMaintenance => "RESET statement_timeout";

    public static NpgsqlDataSource Build(TimescaleStoreOptions options, int connections, string application)
    {
        var timeoutMs = (long)options.OperationTimeout.TotalMilliseconds;
        var settings = new NpgsqlConnectionStringBuilder(options.ConnectionString)
        {
            ApplicationName = application,
            MaxPoolSize = connections,
            MinPoolSize = 0,
            Timeout = Math.Max(1, (int)options.OperationTimeout.TotalSeconds),
            // Operations are bounded by their own clock; this only catches what would escape it.
            CommandTimeout = (int)MaintenanceTimeout.TotalSeconds,
            CancellationTimeout = 2000,
            MaxAutoPrepare = 200,
            AutoPrepareMinUsages = 2,
            NoResetOnClose = true,
            KeepAlive = 0,
            TcpKeepAlive = true,
        };
        // What the client has given up must not go on holding locks at the server.
        (string Name, string Value)[] session =
        [
            ("synchronous_commit", options.SynchronousCommit ? "on" : "off"),
            ("statement_timeout", timeoutMs.ToString(CultureInfo.InvariantCulture)),
            ("idle_in_transaction_session_timeout", timeoutMs.ToString(CultureInfo.InvariantCulture)),
            ("tcp_user_timeout", (2 * timeoutMs).ToString(CultureInfo.InvariantCulture)),
            ("jit", "off"),
            // Chunks begin empty and fill fast: a plan made for an empty one must not be kept.
            ("plan_cache_mode", "force_custom_plan"),
            ("timezone", "UTC"),
        ];
        settings.Options = string.Join(' ', session.Select(s => $"-c {s.Name}={s.Value}").Prepend(settings.Options ?? "")).Trim();
        return new NpgsqlDataSourceBuilder(settings.ConnectionString).Build();
    }

    public static string ServerOf(TimescaleStoreOptions options)
    {
        var settings = new NpgsqlConnectionStringBuilder(options.ConnectionString);
        return $"{settings.Host}:{settings.Port}/{settings.Database ?? settings.Username}";
    }

    public static int LockSpaceOf(string schema) => (int)XxHash32.HashToUInt32(Encoding.UTF8.GetBytes("tikr " + schema));
}
