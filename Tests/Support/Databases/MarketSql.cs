using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Tikr.Tests.Support.Processes;

namespace Tikr.Tests.Support.Databases;

/// <summary>
/// The market as people read it by SQL: bars from the view of bars, and bars by a GROUP BY over the view of raw ticks. By psql where it is
/// installed, since that is what people have; otherwise the same text by Npgsql.
/// </summary>
/// <param name="connectionString">The database.</param>
public sealed class MarketSql(string connectionString)
{
    private const string Bars = """
        SELECT symbol, bucket_ns, open, high, low, close, volume, tick_count, first_timestamp_ns, last_timestamp_ns
        FROM tikr.market_ticks_1s WHERE bucket_ns >= {0} AND bucket_ns < {1}
        """;

    // Only standard SQL: nothing of it is TimescaleDB's or ours.
    private const string TickBars = """
        SELECT symbol, timestamp_ns - timestamp_ns % 1000000000 AS bucket_ns,
            (array_agg(price ORDER BY timestamp_ns, sequence, epoch, flush, rank))[1], max(price), min(price),
            (array_agg(price ORDER BY timestamp_ns DESC, sequence DESC, epoch DESC, flush DESC, rank DESC))[1],
            sum(quantity), count(*), min(timestamp_ns), max(timestamp_ns)
        FROM tikr.market_ticks WHERE timestamp_ns >= {0} AND timestamp_ns < {1}
        GROUP BY symbol, bucket_ns
        """;

    /// <summary>Which program reads: psql or Npgsql.</summary>
    public string Reader { get; private set; } = "";

    /// <summary>Null when bars and the GROUP BY over raw ticks both are exactly the expected bars; otherwise what differs.</summary>
    /// <param name="expected">Every bar from the first to the last of them.</param>
    public Task<string?> DifferenceAsync(IReadOnlyCollection<MarketBar> expected) =>
        DifferenceAsync(expected, expected.Min(bar => bar.Bucket), expected.Max(bar => bar.Bucket) + WallClock.Second);

    /// <summary>The same of a range of time.</summary>
    public async Task<string?> DifferenceAsync(IReadOnlyCollection<MarketBar> expected, long fromNs, long toNs)
    {
        var bars = BarChecks.Difference(expected, await ReadAsync(Bars, fromNs, toNs).ConfigureAwait(false));
        if (bars is not null) return $"bars by SQL: {bars}";
        var ticks = BarChecks.Difference(expected, await ReadAsync(TickBars, fromNs, toNs).ConfigureAwait(false));
        return ticks is null ? null : $"GROUP BY over raw ticks: {ticks}";
    }

    private async Task<List<MarketBar>> ReadAsync(string query, long fromNs, long toNs)
    {
        var sql = string.Format(CultureInfo.InvariantCulture, query, fromNs, toNs);
        var lines = await ByPsqlAsync(sql).ConfigureAwait(false) ?? await ByNpgsqlAsync(sql).ConfigureAwait(false);
        return lines.ConvertAll(line => line.Split('|') is var c && c.Length == 10
            ? new MarketBar(c[0], Number(c[1]), Number(c[2]), Number(c[3]), Number(c[4]),
                Number(c[5]), Number(c[6]), Number(c[7]), Number(c[8]), Number(c[9]))
            : throw new InvalidDataException($"Not a bar: {line}"));
    }

    /// <summary>Null where psql is not installed.</summary>
    private async Task<List<string>?> ByPsqlAsync(string sql)
    {
        var to = new NpgsqlConnectionStringBuilder(connectionString);
        string[] arguments =
        [
            "-X", "-q", "-A", "-t", "-F", "|", "-v", "ON_ERROR_STOP=1", "-h",
                to.Host!, "-p", to.Port.ToString(CultureInfo.InvariantCulture),
            "-U", to.Username!, "-d", to.Database!, "-c", "SET jit = off", "-c", sql,
        ];
        var info = new ProcessStartInfo("psql", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        info.Environment["PGPASSWORD"] = to.Password;
        try
        {
            using var psql = Process.Start(info)!;
            var errors = psql.StandardError.ReadToEndAsync();
            var output = await psql.StandardOutput.ReadToEndAsync().ConfigureAwait(false);
            await psql.WaitForExitAsync().ConfigureAwait(false);
            if (psql.ExitCode != 0) throw new InvalidOperationException(
                $"psql ended with {psql.ExitCode}: {await errors.ConfigureAwait(false)}");
            Reader = "psql";
            return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private async Task<List<string>> ByNpgsqlAsync(string sql)
    {
        Reader = "Npgsql";
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync().ConfigureAwait(false);
        await using var command = new NpgsqlCommand("SET jit = off; " + sql, connection) { CommandTimeout = 120 };
        await using var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
        List<string> lines = [];
        while (await reader.ReadAsync().ConfigureAwait(false))
            lines.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount)
                .Select(i => Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture))));
        return lines;
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
