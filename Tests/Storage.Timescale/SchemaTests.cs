using System.Collections.Immutable;
using Npgsql;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Storage;
using static Tikr.Tests.Support.Compliance.Market;

namespace Tikr.Tests.Storage.Timescale;

/// <summary>Tables made from specs, by one silo or by many, whatever the names.</summary>
public sealed class SchemaTests : IAsyncLifetime
{
    private readonly TimescaleHarness _store = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task Silos_that_start_at_once_agree_on_everything()
    {
        SeriesModel[] models = [Model("a"), Model("b"), Model("c")];
        var silos = Enumerable.Range(0, 5).Select(_ => _store.Another()).ToArray();
        var opened = await Task.WhenAll(silos.Select((silo, i) => Task.Run(
            async () => await silo.Catalog.OpenAsync([.. models.Skip(i % 3), .. models.Take(i % 3)], Stop))));
        Assert.All(opened, series => Assert.Equal(
            opened[0].OrderBy(h => h.Model.Name).Select(h => h.Id), series.OrderBy(h => h.Model.Name).Select(h => h.Id)));
        var epochs = await Task.WhenAll(silos.Select(silo => silo.Ticks.AllocateEpochAsync(Stop).AsTask()));
        Assert.Equal(5, epochs.Distinct().Count());
        var numbers = await Task.WhenAll(
            silos.Select((silo, i) => silo.Keys.ResolveAsync(opened[i].First(h => h.Model.Name == "a"), "S", "X")));
        Assert.Equal([1u], numbers.Distinct());
        foreach (var silo in silos) await silo.DisposeAsync();
    }

    [Fact]
    public async Task Names_may_be_anything_a_spec_allows()
    {
        const string quoted = "a\"b'; DROP TABLE x; --\\";
        var longName = new string('é', 100);
        var spec = Spec(longName) with
        {
            Dimensions = [new(quoted), new("key_id"), new(longName), new("hash"), new("Select")],
            Metrics = [new(quoted, "price", FieldType.Int64, "first"), new("bucket", "price", FieldType.Int64, "last"),
                new("ctid", "size", FieldType.UInt64, "sum"), new(longName, null, FieldType.UInt64, "count")],
        };
        var series = await _store.OpenAsync(new SeriesModel(spec));
        var key = await _store.Keys.ResolveAsync(series, "1", "2", "3", "4", "'; DROP SCHEMA x");
        var bucket = series.Model.BucketOf(_store.NowNs);
        await _store.Bars.WriteAsync([new BarWrite(series, key, Bar(bucket, 5), -1, 0)], Stop);
        await _store.Bars.WriteAsync([new BarWrite(series, key, Bar(bucket, 6), 0, 0)], Stop);
        await _store.ReopenAsync();
        series = await _store.OpenAsync(new SeriesModel(spec));
        Assert.True((await _store.Bars.FindAsync(series, key, bucket, Stop))!.SameContent(Bar(bucket, 6)));
        List<StoredKey> keys = [];
        await foreach (var stored in _store.Keys.ListAsync(series, [null, "2", null, null, "'; DROP SCHEMA x"], Stop)) keys.Add(stored);
        Assert.Equal(["1", "2", "3", "4", "'; DROP SCHEMA x"], Assert.Single(keys).Dimensions.Values);
    }

    [Fact]
    public async Task A_series_without_dimensions_is_one_key()
    {
        var series = await _store.OpenAsync(new SeriesModel(Spec("beats") with { Dimensions = [] }));
        Assert.Equal(1u, await _store.Keys.ResolveAsync(series));
        Assert.Equal(1u, await _store.Keys.ResolveAsync(series));
        List<StoredKey> keys = [];
        await foreach (var stored in _store.Keys.ListAsync(series, [], Stop)) keys.Add(stored);
        Assert.Single(keys);
    }

    [Fact]
    public async Task A_metric_whose_definition_changes_gets_a_column_of_its_own_and_its_old_one_when_it_comes_back()
    {
        ImmutableArray<MetricSpec> before = [new("close", "price", FieldType.Int64, "last")];
        ImmutableArray<MetricSpec> after = [new("close", "price", FieldType.Int64, "max")];
        var series = await _store.OpenAsync(PlanWith(before));
        var bucket = series.Model.BucketOf(_store.NowNs);
        await _store.Bars.WriteAsync([new BarWrite(series, 1, Bar(bucket, 5, metrics: 1), -1)], Stop);
        series = await _store.OpenAsync(PlanWith(after));
        Assert.False((await _store.Bars.FindAsync(series, 1, bucket, Stop))!.Has(0));
        series = await _store.OpenAsync(PlanWith(before));
        Assert.Equal(5, (await _store.Bars.FindAsync(series, 1, bucket, Stop))!.Values[0]);
    }

    [Fact]
    public async Task A_schema_of_another_format_is_refused_with_both_numbers()
    {
        await _store.OpenAsync(Model());
        await TimescaleHarness.ExecuteAsync($"UPDATE {_store.Schema}.state SET format = 9");
        var e = await Assert.ThrowsAsync<StoreRefusedException>(() => _store.OpenAsync(Model()));
        Assert.Contains("format 9", e.Message, StringComparison.Ordinal);
        Assert.Contains("format 3", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Format_2_is_migrated_its_epochs_count_as_sealed_and_an_older_server_that_still_runs_fails_to_commit()
    {
        var series = await _store.OpenAsync(Model());
        var epoch = await _store.Ticks.AllocateEpochAsync(Stop);
        await _store.Ticks.CommitTicksAsync(series, epoch, 1, Run(1, _store.NowNs, 3, 1));
        await _store.ReopenAsync();
        var old = $"INSERT INTO {_store.Schema}.ledger (epoch, flush) VALUES ({epoch}, 2)";
        await TimescaleHarness.ExecuteAsync($"""
            ALTER TABLE {_store.Schema}.flush_ledger RENAME TO ledger;
            DROP TABLE {_store.Schema}.incarnations, {_store.Schema}.epochs;
            UPDATE {_store.Schema}.state SET format = 2;
            {old};
            """);

        series = await _store.OpenAsync(Model());
        var before = Assert.Single(await _store.Incarnations.ListAsync(Stop));
        Assert.Equal((true, true), (before.IsSealed, before.HasManifests));
        Assert.Equal([epoch], before.Epochs);
        Assert.Equal([new FlushId(epoch, 2)], await _store.Ticks.ReadCommittedAsync(Stop));
        Assert.Equal(3, (await _store.Ticks.ReadTicksAsync(series, [1], 0, long.MaxValue)).Count);
        Assert.Equal(epoch + 1, await _store.Ticks.AllocateEpochAsync(Stop));
        var e = await Assert.ThrowsAsync<PostgresException>(() => TimescaleHarness.ExecuteAsync(old));
        Assert.Equal(PostgresErrorCodes.UndefinedTable, e.SqlState);
    }

    [Fact]
    public async Task A_refused_spec_changes_no_table()
    {
        await _store.OpenAsync(Model());
        var renamed = new SeriesModel(Spec() with { Dimensions = [new("ticker")] });
        await Assert.ThrowsAsync<StoreRefusedException>(() => _store.Catalog.OpenAsync([Model("added"), renamed], Stop).AsTask());
        await using var source = NpgsqlDataSource.Create(TimescaleServer.SharedDatabase + ";Pooling=false");
        await using var command = source.CreateCommand($"SELECT count(*) FROM {_store.Schema}.series");
        Assert.Equal(1L, await command.ExecuteScalarAsync(Stop));
    }

    [Fact]
    public async Task Chunks_are_not_vacuumed_for_inserted_rows()
    {
        var series = await _store.OpenAsync(Model());
        await _store.Ticks.CommitTicksAsync(series, await _store.Ticks.AllocateEpochAsync(Stop), 1, Run(1, _store.NowNs, 40, 1000));
        await _store.Bars.WriteAsync([new BarWrite(series, 1, Bar(series.Model.BucketOf(_store.NowNs), 5), -1)], Stop);
        await using var source = NpgsqlDataSource.Create(TimescaleServer.SharedDatabase + ";Pooling=false");
        await using var command = source.CreateCommand($"""
            SELECT count(*) FROM timescaledb_information.chunks AS c
            JOIN pg_class AS t ON t.oid = format('%I.%I', c.chunk_schema, c.chunk_name)::regclass
            WHERE c.hypertable_schema = '{_store.Schema}' AND 'autovacuum_vacuum_insert_threshold=-1' = ANY (t.reloptions)
            """);
        Assert.Equal(2L, await command.ExecuteScalarAsync(Stop));
    }

    [Fact]
    public async Task Chunks_outside_the_range_of_a_read_are_not_touched()
    {
        var series = await _store.OpenAsync(Model());
        var epoch = await _store.Ticks.AllocateEpochAsync(Stop);
        for (var i = 0; i < 6; i++)
            await _store.Ticks.CommitTicksAsync(series, epoch, (ulong)i + 1, Run(1, _store.NowNs - (i * 600 * Second), 20, 1000));
        var sql = $"EXPLAIN SELECT block FROM {_store.Schema}.ticks_{series.Id} WHERE "
            + $"grp = 1 AND time BETWEEN $1 AND $2 AND min_ns >= 0 ORDER BY min_ns LIMIT 9";
        await using var source = NpgsqlDataSource.Create(TimescaleServer.SharedDatabase + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = _store.Time.GetUtcNow().UtcDateTime.AddSeconds(-2) });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = _store.Time.GetUtcNow().UtcDateTime.AddSeconds(2) });
        await using var reader = await command.ExecuteReaderAsync(Stop);
        var plan = "";
        while (await reader.ReadAsync(Stop)) plan += reader.GetString(0) + "\n";
        Assert.True(plan.Split("_chunk_").Length - 1 is 1 or 2, plan);
        Assert.Contains("Index Scan", plan, StringComparison.Ordinal);
    }
}
