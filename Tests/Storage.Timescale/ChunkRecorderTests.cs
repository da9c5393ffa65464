using Tikr.Storage;
using static Tikr.Tests.Support.Compliance.Market;

namespace Tikr.Tests.Storage.Timescale;

/// <summary>Chunks are recorded by whoever begins them, and looked at no more than once.</summary>
public sealed class ChunkRecorderTests : IAsyncLifetime
{
    private const long Hour = 3600 * Second;

    private readonly TimescaleHarness _store =
        new() { Limits = new StoreLimits { TicksTtl = TimeSpan.FromHours(24), BarsTtl = TimeSpan.FromHours(24) } };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task Each_chunk_that_a_flush_or_a_group_of_bars_begins_is_recorded_also_where_chunks_between_are_missing()
    {
        var series = await _store.OpenAsync(Model());
        var epoch = await _store.Ticks.AllocateEpochAsync(Stop);
        var start = _store.NowNs;
        long[] times = [start, start - (9 * Hour), start - (5 * Hour), start];
        for (var flush = 1; flush <= times.Length; flush++)
        {
            // Each flush has ticks of its own hour and of the present one.
            var ticks = Run(1, times[flush - 1], 3, 1000).Concat(Run(2, start, 3, 1000));
            await _store.Ticks.CommitTicksAsync(series, epoch, (ulong)flush, ticks);
            await _store.Bars.WriteAsync([new BarWrite(series, (uint)flush, Bar(series.Model.BucketOf(times[flush - 1]), 1), -1)], Stop);
            var chunks = await CountAsync(
                $"SELECT count(*) FROM timescaledb_information.chunks WHERE hypertable_schema = '{_store.Schema}'");
            Assert.Equal(chunks, await CountAsync($"SELECT count(*) FROM {_store.Schema}.chunks WHERE to_regclass(chunk) IS NOT NULL"));
            Assert.Equal(2 * Math.Min(flush, 3), chunks);
        }
    }

    private static async Task<long> CountAsync(string sql)
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(TimescaleServer.SharedDatabase + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Stop))!;
    }
}
