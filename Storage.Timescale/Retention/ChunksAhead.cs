using Npgsql;
using Tikr.Core.Time;
using Tikr.Storage.Timescale.Incarnations;

namespace Tikr.Storage.Timescale.Retention;

/// <summary>
/// Makes the chunks of present times a minute before they begin. The first to write into a new chunk makes it, and all others wait until
/// that transaction ends: made ahead, by a transaction of nothing else, no commit and no bars are behind it.
/// </summary>
internal sealed class ChunksAhead(TimescaleDatabase database, IncarnationGuard guard, SingletonLease lease, ChunkRecords records)
{
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(1);
    private readonly Dictionary<string, long> _made = new(StringComparer.Ordinal);

    /// <summary>Makes those that are near.</summary>
    public async Task MakeAsync(string[] ticks, string[] bars, CancellationToken cancellation)
    {
        var wantedTicks = Wanted(ticks, database.Options.TicksTtl);
        var wantedBars = Wanted(bars, database.Options.BarsTtl);
        if (wantedTicks.Length + wantedBars.Length == 0 || !await lease.HoldAsync(cancellation).ConfigureAwait(false)) return;
        await MakeAsync(wantedTicks, isTicks: true,
            "(time, grp, min_ns, flush, epoch, ordinal, ticks, block) VALUES ($1, 0, 0, 0, 0, 0, 0, '')",
            "time = $1 AND epoch = 0", cancellation).ConfigureAwait(false);
        await MakeAsync(wantedBars, isTicks: false,
            "(bucket, key_id, bucket_ns, first_ns, last_ns, tick_count, rev) VALUES ($1, 0, 0, 0, 0, 0, 0)",
            "bucket = $1 AND key_id = 0", cancellation).ConfigureAwait(false);
    }

    private (string Table, long StartNs)[] Wanted(string[] tables, TimeSpan ttl)
    {
        var chunk = ChunkPlan.For(ttl).Chunk.ToNanoseconds();
        var now = database.Time.GetUnixNanoseconds();
        var start = (now + Ahead.ToNanoseconds()) / chunk * chunk;
        return start <= now ? [] : [.. tables.Where(table => _made.GetValueOrDefault(table) < start).Select(table => (table, start))];
    }

    // A row that comes and goes in one transaction is seen by nobody.
    private async Task MakeAsync(
        (string Table, long StartNs)[] wanted, bool isTicks, string row, string which, CancellationToken cancellation)
    {
        foreach (var (table, startNs) in wanted)
        {
            var name = $"{database.Schema}.{Sql.Quote(table)}";
            await guard.WriteAsync("make a chunk", async (connection, stop) =>
            {
                var batch = new NpgsqlBatch(connection);
                await using var batchEnd = batch.ConfigureAwait(false);
                batch.Add($"INSERT INTO {name} {row}").With(Sql.Time(startNs));
                batch.Add($"DELETE FROM {name} WHERE {which}").With(Sql.Time(startNs));
                await batch.ExecuteNonQueryAsync(stop).ConfigureAwait(false);
                return await records.RecordAsync(connection, [table], isTicks, stop).ConfigureAwait(false);
            }, cancellation).ConfigureAwait(false);
            _made[table] = startNs;
        }
    }
}
