using Npgsql;
using Tikr.Core.Dimensions;
using Tikr.Core.Rollup;
using Tikr.Storage.Timescale;
using Tikr.Storage.Timescale.Retention;
using static Tikr.Tests.Support.Compliance.Market;

namespace Tikr.Tests.Storage.Timescale;

/// <summary>A policy as the server has it.</summary>
internal sealed record Policy(string Table, string What, TimeSpan After, TimeSpan Schedule, bool IsOurs);

/// <summary>A store whose clock is the server's, since policies go by that one, on a server of either licence.</summary>
internal sealed class LicensedStore : IAsyncDisposable
{
    private readonly List<TimescaleHarness> _opened = [];

    private LicensedStore(TimescaleHarness first, bool isCommunity)
    {
        (Now, IsCommunity) = (first, isCommunity);
        _opened.Add(first);
    }

    /// <summary>The store as it was opened last.</summary>
    public TimescaleHarness Now { get; private set; }

    /// <summary>Whether this server has policies and compression.</summary>
    public bool IsCommunity { get; }

    public Series Series { get; private set; } = null!;

    public string Schema => Now.Schema;

    public static async Task<LicensedStore> OpenAsync(StoreLimits limits, bool compressBars = false)
    {
        var time = await ScalarAsync<DateTime>("SELECT clock_timestamp()");
        var harness = new TimescaleHarness
        {
            Limits = limits,
            Retention = TimescaleRetention.Auto,
            CompressBars = compressBars,
            Time = new(time)
        };
        var series = await harness.OpenAsync(Model());
        var licence = await ScalarAsync<string>("SELECT current_setting('timescaledb.license')");
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"TimescaleDB {await ScalarAsync<string>("SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'")}, "
                + $"licence {licence}");
        return new LicensedStore(harness, licence == RetentionPolicySql.Community) { Series = series };
    }

    /// <summary>Names the keys from one on, so that views show them.</summary>
    public async Task ResolveKeysAsync(int count)
    {
        InternedKey[] keys = [.. Enumerable.Range(1, count).Select(i => Key(Series, $"S{i}", ""))];
        await Now.Keys.ResolveAsync(Series, keys, TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(1, count).Select(i => (uint)i), keys.Select(key => key.KeyId));
    }

    /// <summary>A restart with other settings.</summary>
    public async Task RestartAsync(StoreLimits limits, bool compressBars = false, TimescaleRetention retention = TimescaleRetention.Auto)
    {
        await Now.ReopenAsync();
        Now = Now.Another(limits, retention, compressBars);
        _opened.Add(Now);
        Series = await Now.OpenAsync(Model());
    }

    public Task<List<Policy>> PoliciesAsync() => ListAsync(
        $"""
        SELECT hypertable_name::text, proc_name::text, coalesce(config ->> 'drop_after', config ->> 'compress_after')::interval,
            schedule_interval, scheduled AND owner = current_user::regrole
        FROM timescaledb_information.jobs WHERE hypertable_schema = '{Schema}' ORDER BY 1, 2
        """,
        reader => new Policy(reader.GetString(0), reader.GetString(1), reader.GetTimeSpan(2), reader.GetTimeSpan(3), reader.GetBoolean(4)));

    public Task<List<int>> JobsAsync(string policy) => ListAsync(
        $"SELECT job_id FROM timescaledb_information.jobs WHERE hypertable_schema = '{Schema}' AND proc_name = '{policy}' ORDER BY job_id",
            reader => reader.GetInt32(0));

    /// <summary>Runs policies now, instead of waiting for their schedule.</summary>
    public async Task RunAsync(string policy)
    {
        foreach (var job in await JobsAsync(policy)) await TimescaleHarness.ExecuteAsync($"CALL run_job({job})");
    }

    public async Task<T> CountAsync<T>(string sql) => await ScalarAsync<T>(sql.Replace("{schema}", Schema, StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        for (var i = _opened.Count - 1; i >= 0; i--) await _opened[i].DisposeAsync();
    }

    private static async Task<T> ScalarAsync<T>(string sql) => Assert.Single(await ListAsync(sql, reader => reader.GetFieldValue<T>(0)));

    private static async Task<List<T>> ListAsync<T>(string sql, Func<NpgsqlDataReader, T> read)
    {
        await using var source = NpgsqlDataSource.Create(TimescaleServer.SharedDatabase + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        List<T> rows = [];
        while (await reader.ReadAsync(TestContext.Current.CancellationToken)) rows.Add(read(reader));
        return rows;
    }
}
