using System.Buffers.Binary;
using System.Collections.Concurrent;
using Npgsql;
using Tikr.Core.Dimensions;
using Tikr.Core.Rollup;
using Tikr.Core.Time;
using Tikr.Storage.Timescale.Catalog;

namespace Tikr.Storage.Timescale.Keys;

/// <summary>
/// Keys by dimension hash. Numbers are given out under the lock of the series' row, so that silos that meet the same key agree.
/// </summary>
internal sealed class KeyTable(TimescaleDatabase database, SeriesRegistry registry) : IKeyStore
{
    private static readonly Backoff Retry = new(TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(1));
    private readonly ConcurrentDictionary<ushort, SemaphoreSlim> _gates = new();

    /// <inheritdoc/>
    /// <remarks>
    /// Nobody repeats it for the stream that waits, as the gateway does with commits: so a short outage is waited for here.
    /// </remarks>
    public async ValueTask ResolveAsync(Series series, IReadOnlyList<InternedKey> keys, CancellationToken cancellation)
    {
        var started = TimescaleDatabase.WaitClock.GetTimestamp();
        for (var failures = 0; ; failures++)
        {
            var pause = Retry.After(failures);
            try
            {
                await ResolveOnceAsync(series, keys, cancellation).ConfigureAwait(false);
                return;
            }
            catch (StoreUnavailableException) when (!database.IsClosed
                && TimescaleDatabase.WaitClock.GetElapsedTime(started) + pause < database.Options.OperationTimeout)
            {
                await Task.Delay(pause, TimescaleDatabase.WaitClock, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<StoredKey> ListAsync(Series series, string?[] match, CancellationToken cancellation) =>
        KeyListing.ListAsync(database, registry.Of(series).Keys, series, match, cancellation);

    /// <inheritdoc/>
    public async ValueTask<StoredKey?> FindAsync(Series series, DimensionSet dimensions, CancellationToken cancellation)
    {
        var sql = registry.Of(series).Keys;
        var found = await database.ReadAsync(
            "find a key", (connection, stop) => connection.Command(sql.ByHash).With<Guid[]>([HashOf(dimensions)])
            .ListAsync(reader => KeyRow.Read(reader, sql.Dimensions), stop), cancellation).ConfigureAwait(false);
        return found.Count == 1 && found[0].Values.AsSpan().SequenceEqual(dimensions.Values)
            ? new StoredKey(found[0].KeyId, dimensions) : null;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<StoredKey>> FindByIdAsync(
        Series series, IReadOnlyCollection<uint> keyIds, CancellationToken cancellation)
    {
        var sql = registry.Of(series).Keys;
        return await database.ReadAsync("find keys by number", (connection, stop) => connection.Command(sql.ByNumber)
            .With<long[]>([.. keyIds.Select(id => (long)id)]).ListAsync(reader =>
        {
            var row = KeyRow.Read(reader, sql.Dimensions);
            return new StoredKey(row.KeyId, new DimensionSet(series.Model.Spec, row.Values));
        }, stop), cancellation).ConfigureAwait(false);
    }

    /// <summary>The hash as the table has it.</summary>
    public static Guid HashOf(DimensionSet dimensions)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, dimensions.Hash);
        return new Guid(bytes, bigEndian: true);
    }

    private async Task ResolveOnceAsync(Series series, IReadOnlyList<InternedKey> keys, CancellationToken cancellation)
    {
        var sql = registry.Of(series).Keys;
        var gate = _gates.GetOrAdd(series.Id, _ => new SemaphoreSlim(1));

        // Those who wait for each other while the database is silent must not add up their times.
        if (!await gate.WaitAsync(database.Options.OperationTimeout, cancellation).ConfigureAwait(false))
            throw Errors.TimedOut("look keys up", database.Options.OperationTimeout, new TimeoutException());
        try
        {
            var call = new KeyResolution(keys);
            if (call.IsSettled) return;
            await database.WriteAsync("look keys up", (connection, stop) => FindAsync(connection, sql, call, stop), cancellation)
                .ConfigureAwait(false);
            if (!call.IsSettled)
                await database.WriteAsync("add keys", (connection, stop) => AddAsync(connection, sql, series, call, stop), cancellation)
                    .ConfigureAwait(false);
            call.Complete();
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>
    /// Settles the keys that are there. An idle one is taken back into use first; if it has been dropped meanwhile, it is a new key.
    /// </summary>
    private static async Task<bool> FindAsync(NpgsqlConnection connection, KeySql sql, KeyResolution call, CancellationToken stop)
    {
        var found = await connection.Command(sql.ByHash).With(call.Open)
            .ListAsync(reader => KeyRow.Read(reader, sql.Dimensions), stop).ConfigureAwait(false);
        Guid[] idle = [.. found.Where(row => row.IdleSinceNs != 0).Select(row => row.Hash)];
        if (idle.Length > 0)
        {
            HashSet<Guid> still = [.. await connection.Command(sql.ClearIdle).With(idle)
                .ListAsync(reader => reader.GetGuid(0), stop).ConfigureAwait(false)];
            found.RemoveAll(row => row.IdleSinceNs != 0 && !still.Contains(row.Hash));
        }

        call.Settle(found);
        return true;
    }

    private async Task<bool> AddAsync(
        NpgsqlConnection connection, KeySql sql, Series series, KeyResolution call, CancellationToken stop)
    {
        var transaction = await connection.BeginTransactionAsync(stop).ConfigureAwait(false);
        await using var transactionEnd = transaction.ConfigureAwait(false);
        var (next, count) = (await connection.Command($"SELECT next_key, key_count FROM {database.Schema}.series WHERE id = $1 FOR UPDATE")
            .With((int)series.Id).ListAsync(reader => (reader.GetInt64(0), reader.GetInt64(1)), stop).ConfigureAwait(false))[0];

        // Another silo may have added some while this one waited for the lock.
        await FindAsync(connection, sql, call, stop).ConfigureAwait(false);
        var limit = series.Model.Spec.MaxKeys;
        var added = call.Add((uint)next, limit == 0 ? long.MaxValue : limit - count);
        if (added.Count > 0)
        {
            var insert = connection.Command(sql.Insert)
                .With<long[]>([.. added.Select(key => (long)key.Id)])
                .With<Guid[]>([.. added.Select(key => HashOf(key.Dimensions))])
                .With<byte[][]>([.. added.Select(key => DimensionText.SortKey(key.Dimensions.Values))]);
            for (var i = 0; i < sql.Dimensions; i++)
                insert.With<string[]>([.. added.Select(key => DimensionText.Escape(key.Dimensions.Values[i]))]);
            await insert.RunAsync(stop).ConfigureAwait(false);
            await connection.Command(
                $"UPDATE {database.Schema}.series SET next_key = next_key + $2, key_count = key_count + $2 WHERE id = $1")
                .With((int)series.Id).With((long)added.Count).RunAsync(stop).ConfigureAwait(false);
        }

        await transaction.CommitAsync(stop).ConfigureAwait(false);
        return true;
    }
}

/// <summary>A row of a table of keys.</summary>
internal readonly record struct KeyRow(Guid Hash, uint KeyId, long IdleSinceNs, string[] Values)
{
    public static KeyRow Read(NpgsqlDataReader reader, int dimensions)
    {
        var values = new string[dimensions];
        for (var i = 0; i < dimensions; i++) values[i] = DimensionText.Unescape(reader.GetString(i + 3));
        return new KeyRow(reader.GetGuid(0), (uint)reader.GetInt64(1), reader.GetInt64(2), values);
    }
}
