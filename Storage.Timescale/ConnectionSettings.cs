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

    /// <summary>Connections for operations of a kind.</summary>
    /// <param name="options">The store's settings.</param>
    /// <param name="connections">Most connections.</param>
    /// <param name="timeout">Longest that a statement may take.</param>
    /// <param name="application">Name that the server shows for them, with the schema behind it.</param>
    public static NpgsqlDataSource Build(TimescaleStoreOptions options, int connections, TimeSpan timeout, string application)
    {
        var settings = new NpgsqlConnectionStringBuilder(options.ConnectionString)
        {
            ApplicationName = $"{application} {options.Schema}",
            MaxPoolSize = connections,
            MinPoolSize = 0,
            Timeout = Seconds(options.OperationTimeout),
            // Operations are bounded by a clock of their own, but Npgsql cannot cancel a statement whose BEGIN has not been answered: a
            // dead connection is left by this.
            CommandTimeout = Seconds(timeout) + 1,
            CancellationTimeout = 1000,
            MaxAutoPrepare = 200,
            AutoPrepareMinUsages = 2,
            NoResetOnClose = true,
            KeepAlive = 0,
            TcpKeepAlive = true,
        };

        // Npgsql asks for it before anything else, and twice waits for the answer of a network that is silent.
        if (!settings.ShouldSerialize("GSS Encryption Mode") && Environment.GetEnvironmentVariable("PGGSSENCMODE") is null)
            settings.GssEncryptionMode = GssEncryptionMode.Disable;
        var limit = ((long)timeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        (string Name, string Value)[] session =
        [
            ("synchronous_commit", options.SynchronousCommit ? "on" : "off"),
            // What the client has given up must not go on holding locks at the server.
            ("statement_timeout", limit),
            ("idle_in_transaction_session_timeout", limit),
            ("tcp_user_timeout", limit),
            // Chunks begin empty and fill fast: a plan made for an empty one must not be kept.
            ("plan_cache_mode", "force_custom_plan"),
            ("jit", "off"),
            ("timezone", "UTC"),
            ("client_min_messages", "warning"),
            // A late revision of bars in compressed chunks may unpack as many as it needs: the default refuses beyond 100,000 rows.
            ("timescaledb.max_tuples_decompressed_per_dml_transaction", "0"),
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

    private static int Seconds(TimeSpan time) => Math.Max(1, (int)Math.Ceiling(time.TotalSeconds));
}
