using Npgsql;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Core.Ticks;
using Tikr.Storage;
using Tikr.Storage.Timescale;
using Tikr.Storage.Timescale.Schema.Views;
using Tikr.Tests.Support;

namespace Tikr.Tests.Storage.Timescale.Views;

/// <summary>
/// A store by the real clock, since the views go by the database's, and what was put into it: ticks are committed as a gateway does, and
/// their bars are those of one sorted pass over them.
/// </summary>
internal sealed class FilledStore(TestDatabase database, string schema) : IAsyncDisposable
{
    private const int OwnBlocksFrom = 16;
    private readonly Dictionary<ushort, List<(Tick Tick, TickPosition Position)>> _committed = [];
    private TimescaleStore? _store;
    private ulong _flush;

    public string Schema => schema;

    /// <summary>The schema as SQL has it.</summary>
    public string Quoted => Quote(schema);

    public string ConnectionString { get; init; } = database.ConnectionString;

    /// <summary>The role of readers.</summary>
    public string Reader { get; init; } = ReaderRole.Name;

    public TimeSpan TicksTtl { get; set; } = TimeSpan.FromHours(24);

    public TimeSpan BarsTtl { get; set; } = TimeSpan.FromHours(24);

    public LogRecorder Logs { get; } = new();

    /// <summary>A whole minute about ten minutes ago.</summary>
    public long Start { get; } = (TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 60 - 10) * 60 * Market.Second;

    public TimescaleStore Store => _store ??= new TimescaleStore(
        new TimescaleStoreOptions
        {
            ConnectionString = ConnectionString,
            Schema = schema,
            TicksTtl = TicksTtl,
            BarsTtl = BarsTtl,
            Retention = TimescaleRetention.Reaper
        },
        TimeProvider.System, Logs, readerRole: Reader);

    /// <summary>Opens the store, anew if it is open.</summary>
    public async Task<Series[]> OpenAsync(params SeriesSpec[] specs)
    {
        if (_store is not null) await _store.DisposeAsync();
        _store = null;
        return [.. await Store.Catalog.OpenAsync([.. specs.Select(s => new SeriesModel(s))], TestContext.Current.CancellationToken)];
    }

    /// <summary>Commits one flush: keys with many ticks have blocks of their own, others share.</summary>
    public async Task CommitAsync(Series series, IEnumerable<Tick> ticks)
    {
        var commit = new FlushCommit { Id = new FlushId(1, ++_flush) };
        var known = _committed.TryGetValue(series.Id, out var list) ? list : _committed[series.Id] = [];
        List<(Tick Tick, uint Rank)> shared = [];
        foreach (var key in ticks.GroupBy(t => t.Key).OrderBy(g => g.Key))
        {
            var run = key.OrderBy(t => t.Time).ThenBy(t => t.Sequence).Select((t, rank) => (Tick: t, Rank: (uint)rank)).ToArray();
            known.AddRange(run.Select(t => (t.Tick, TickPosition.Of(commit.Id.Epoch, commit.Id.Flush, t.Rank))));
            if (run.Length < OwnBlocksFrom) shared.AddRange(run);
            else AddBlocks(run, BlockKind.OneKey, key.Key);
        }

        foreach (var group in shared.GroupBy(
            t => (Group: t.Tick.Key % FlushCommit.SharedGroups, Slot: t.Tick.Time / FlushCommit.MaxBlockSpanNs)))
            AddBlocks([.. group.OrderBy(t => t.Tick.Key).ThenBy(t => t.Rank)], BlockKind.SharedKeys, group.Key.Group);
        commit.Manifest.Add(new ManifestSection(series.Id, series.Model.Spec.RollupNs, []));
        await Store.Ticks.CommitAsync(commit, TestContext.Current.CancellationToken);

        void AddBlocks((Tick Tick, uint Rank)[] run, BlockKind kind, uint group)
        {
            for (var start = 0; start < run.Length;)
            {
                var count = 1;
                while (start + count < run.Length && count < FlushCommit.MaxBlockTicks
                    && (kind == BlockKind.SharedKeys
                        || run[start + count].Tick.Time - run[start].Tick.Time <= FlushCommit.MaxBlockSpanNs)) count++;
                var block = run[start..(start + count)];
                var (offset, columns) = (commit.Bytes.WrittenCount, Market.Columns(series.Model, [.. block.Select(t => t.Tick)]));
                if (kind == BlockKind.OneKey)
                    TickBlockWriter.WriteOneKey(commit.Bytes, columns, 0, count, block[0].Rank, series.Model, series.Model.FieldIds);
                else TickBlockWriter.WriteSharedKeys(commit.Bytes, columns, 0, Runs(block), series.Model, series.Model.FieldIds);
                commit.Blocks.Add(new EncodedBlock(
                    series.Id, kind, group, block.Min(t => t.Tick.Time),
                        (uint)commit.Blocks.Count, offset, commit.Bytes.WrittenCount - offset, count));
                start += count;
            }
        }
    }

    /// <summary>Stores the bars of all ticks that were committed.</summary>
    public async Task StoreBarsAsync(Series series)
    {
        var model = series.Model;
        List<BarWrite> writes = [];
        foreach (var bucket in _committed[series.Id].GroupBy(t => (t.Tick.Key, Bucket: model.BucketOf(t.Tick.Time))))
        {
            var sorted = bucket.OrderBy(t => t.Tick.Time).ThenBy(t => t.Tick.Sequence).ThenBy(t => t.Position).AsEnumerable();
            if (model.Spec.Dedup == DedupPolicy.Sequence)
                sorted = sorted.DistinctBy(t => (t.Tick.Time, t.Tick.Sequence, t.Tick.Sequence == 0 ? t.Position : default));
            var columns = Market.Columns(model, [.. sorted.Select(t => t.Tick)]);
            var state = model.NewState();
            model.Add(state, new TickRun(columns, 0, columns.Count, default));
            writes.Add(new BarWrite(series, bucket.Key.Key, model.ToBar(state, bucket.Key.Bucket, out _), -1));
        }

        foreach (var result in await Store.Bars.WriteAsync(writes, TestContext.Current.CancellationToken))
            Assert.Equal(BarWriteOutcome.Stored, result.Outcome);
    }

    /// <summary>Every committed tick with its position.</summary>
    public IEnumerable<(Tick Tick, TickPosition Position)> Committed(Series series) => _committed[series.Id];

    /// <summary>Rows of a query; unquoted names are looked for in the schema.</summary>
    public async Task<List<object?[]>> QueryAsync(string sql, string? role = null)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.ConnectionString)
        {
            Pooling = false,
            SearchPath = $"{Quoted},public",
            Timezone = "UTC"
        });
        await using var connection = await source.OpenConnectionAsync();
        await using (var set = new NpgsqlCommand($"SET jit = off; SET ROLE {role ?? "none"}", connection)) await set.ExecuteNonQueryAsync();
        return await ReadAsync(connection, sql);
    }

    /// <summary>Rows of a query on a connection.</summary>
    public static async Task<List<object?[]>> ReadAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        List<object?[]> rows = [];
        while (await reader.ReadAsync())
        {
            var row = new object?[reader.FieldCount];
            for (var i = 0; i < row.Length; i++) row[i] = reader.IsDBNull(i) ? null : reader.GetValue(i);
            rows.Add(row);
        }

        return rows;
    }

    /// <summary>The first column of a query as text, row by row.</summary>
    public async Task<string> TextAsync(string sql, string? role = null) =>
        string.Join('\n', (await QueryAsync(sql, role)).Select(r => $"{r[0]}"));

    /// <summary>Names of the columns of a view.</summary>
    public Task<string> ColumnsAsync(string view) => TextAsync(
        "SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = "
        + $"'{Quoted}.{Quote(view).Replace("'", "''", StringComparison.Ordinal)}'::regclass");

    public async ValueTask DisposeAsync()
    {
        if (_store is not null) await _store.DisposeAsync();
    }

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static KeyRun[] Runs((Tick Tick, uint Rank)[] block) =>
        [.. block.GroupBy(t => t.Tick.Key).Select(g => new KeyRun(g.Key, 0, g.Count(), g.First().Rank))];
}
