using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Storage;
using static Tikr.Tests.Support.Compliance.Market;

namespace Tikr.Tests.Storage.Timescale;

/// <summary>
/// Bars whose chunk is compressed are bars like any other: late revisions, repeats and new ones are what they would be. Under Apache's
/// licence nothing is compressed, a warning says so, and the same holds.
/// </summary>
public sealed class CompressionCommunityLicenceTests
{
    private const string Compression = "policy_compression";

    /// <summary>More rows than TimescaleDB unpacks for one statement by default, if each key is revised once.</summary>
    private const int Keys = 400, Buckets = 300;

    private const string Table = "{schema}.bars_1_1000000000";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Late_revisions_of_compressed_bars_are_exact_however_many_come_at_once()
    {
        await using var store = await LicensedStore.OpenAsync(new StoreLimits(), compressBars: true);
        Assert.NotEqual(store.IsCommunity, store.Now.Logs.Messages.Any(m => m.Text.Contains("not compressed", StringComparison.Ordinal)));
        var first = await FillAsync(store);
        await CompressAsync(store);
        var late = first + (Buckets / 2 * Second);

        var revised = await store.Now.Bars.WriteAsync(
            [.. AllKeys.Select(key => new BarWrite(store.Series, key, Bar(late, 1000 + key), 0, 0))], Stop);
        Assert.All(revised, result => Assert.Equal((BarWriteOutcome.Stored, 1), (result.Outcome, result.Current!.Revision)));

        BarWrite[] mixed =
        [
            new(store.Series, Keys + 1, Bar(late, 7), -1),
            new(store.Series, 1, Bar(first, 1), -1),
            new(store.Series, 2, Bar(first, 999), -1),
            new(store.Series, 3, Bar(first, 999), 0),
        ];
        Assert.Equal(
            [BarWriteOutcome.Stored, BarWriteOutcome.Unchanged, BarWriteOutcome.Conflict, BarWriteOutcome.Stored],
            (await store.Now.Bars.WriteAsync(mixed, Stop)).Select(result => result.Outcome));

        await CheckAsync(store, first, late);
        await store.RunAsync(Compression);
        await CheckAsync(store, first, late);
    }

    [Fact]
    public async Task Two_writers_of_the_same_compressed_bars_store_one_revision_each()
    {
        await using var store = await LicensedStore.OpenAsync(new StoreLimits(), compressBars: true);
        var first = await FillAsync(store);
        await CompressAsync(store);
        await using var other = store.Now.Another();
        var otherSeries = await other.OpenAsync(Model());
        var results = await Task.WhenAll(
            Task.Run(() => RetriedAsync(store.Now.Bars, AllKeys.Select(key => new BarWrite(store.Series, key, Bar(first, 2000 + key), 0)))),
            Task.Run(() => RetriedAsync(other.Bars, AllKeys.Select(key => new BarWrite(otherSeries, key, Bar(first, 3000 + key), 0)))));
        foreach (var (i, key) in AllKeys.Index())
        {
            var outcomes = results.Select(r => r[i].Outcome).Order().ToArray();
            Assert.Equal([BarWriteOutcome.Stored, BarWriteOutcome.Conflict], outcomes);
            var winner = results[0][i].Outcome == BarWriteOutcome.Stored ? 2000 + key : 3000 + key;
            Assert.Equal(winner, (await store.Now.Bars.FindAsync(store.Series, key, first, Stop))!.Values[0]);
        }

        Assert.Equal(Keys * Buckets, await store.CountAsync<long>($"SELECT count(*) FROM {Table}"));
    }

    [Fact]
    public async Task Specs_ttl_and_compression_itself_may_change_beside_compressed_bars()
    {
        await using var store = await LicensedStore.OpenAsync(new StoreLimits(), compressBars: true);
        var first = await FillAsync(store);
        await CompressAsync(store);
        await store.RestartAsync(new StoreLimits { BarsTtl = TimeSpan.FromHours(4) }, compressBars: true);
        Assert.Equal(
            store.IsCommunity ? [TimeSpan.FromMinutes(30)] : [],
            (await store.PoliciesAsync()).Where(policy => policy.What == Compression).Select(policy => policy.After));

        var wider = await store.Now.OpenAsync(
            new SeriesModel(Spec() with { Metrics = [.. Spec().Metrics, new("least", "price", FieldType.Int64, "min")] }));
        var result = await store.Now.Bars.WriteAsync([new BarWrite(wider, 1, Bar(first, 50, metrics: 5), 0)], Stop);
        Assert.Equal(BarWriteOutcome.Stored, result[0].Outcome);
        Assert.Equal(54, (await store.Now.Bars.FindAsync(wider, 1, first, Stop))!.Values[4]);
        Assert.False((await store.Now.Bars.FindAsync(wider, 2, first, Stop))!.Has(4));

        await store.RestartAsync(new StoreLimits());
        Assert.DoesNotContain(await store.PoliciesAsync(), policy => policy.What == Compression);
        result = await store.Now.Bars.WriteAsync([new BarWrite(store.Series, 2, Bar(first, 60), 0)], Stop);
        Assert.Equal(BarWriteOutcome.Stored, result[0].Outcome);
    }

    [Fact]
    public async Task Compressed_bars_go_by_the_size_limit_too()
    {
        await using var store = await LicensedStore.OpenAsync(new StoreLimits(), compressBars: true);
        var first = await FillAsync(store);
        await CompressAsync(store);
        await store.Now.Bars.WriteAsync(
            [new BarWrite(store.Series, 1, Bar(store.Series.Model.BucketOf(store.Now.NowNs - Second), 1), -1)], Stop);
        await store.RestartAsync(new StoreLimits { BarsMaxBytes = 100_000 }, compressBars: true);
        await store.Now.Inner.Reaper.EnforceLimitsAsync(Stop);
        Assert.Equal(1, await store.CountAsync<long>($"SELECT count(*) FROM {Table}"));
        Assert.Null(await store.Now.Bars.FindAsync(store.Series, 1, first, Stop));
    }

    private static IEnumerable<uint> AllKeys => Enumerable.Range(1, Keys).Select(key => (uint)key);

    /// <summary>Fills a chunk that is past the lateness window and far from its TTL; returns its first bucket.</summary>
    private static async Task<long> FillAsync(LicensedStore store)
    {
        await store.ResolveKeysAsync(Keys + 1);
        var chunk = Buckets * Second;
        var first = (store.Now.NowNs - (2400 * Second)) / chunk * chunk;
        for (var bucket = first; bucket < first + chunk; bucket += 10 * Second)
        {
            var group = AllKeys.SelectMany(
                key => Enumerable.Range(0, 10).Select(i => new BarWrite(store.Series, key, Bar(bucket + (i * Second), key), -1)));
            Assert.All(await store.Now.Bars.WriteAsync([.. group], Stop), result => Assert.Equal(BarWriteOutcome.Stored, result.Outcome));
        }

        return first;
    }

    private static async Task CompressAsync(LicensedStore store)
    {
        await store.RunAsync(Compression);
        Assert.Equal(
            store.IsCommunity ? 1 : 0,
            await store.CountAsync<long>(
                "SELECT count(*) FROM timescaledb_information.chunks WHERE hypertable_schema = '{schema}' AND is_compressed"));
    }

    private static async Task CheckAsync(LicensedStore store, long first, long late)
    {
        Assert.Equal((Keys * Buckets) + 1, await store.CountAsync<long>($"SELECT count(*) FROM {Table}"));
        Assert.Equal((Keys * Buckets)
            + 1, await store.CountAsync<long>($"SELECT count(*) FROM (SELECT DISTINCT key_id, bucket FROM {Table}) AS d"));
        Assert.Equal(Keys + 1, await store.CountAsync<long>($"SELECT count(*) FROM {Table} WHERE rev = 1"));
        Assert.Equal(Keys + 1, await store.CountAsync<long>("SELECT count(*) FROM {schema}.trades_1s WHERE revision = 1"));
        foreach (var key in AllKeys.Where(key => key % 50 == 3))
        {
            List<Bar> bars = [];
            await foreach (var bar in store.Now.Bars.ReadAsync(store.Series, key, first, first + (Buckets * Second), Stop)) bars.Add(bar);
            Assert.Equal(Buckets, bars.Count);
            Assert.All(bars, bar => Assert.Equal(
                bar.BucketStart == late ? 1000 + key : bar.BucketStart == first && key == 3 ? 999 : key, bar.Values[0]));
        }
    }

    /// <summary>As the server does it: the database may end one of two statements that meet in compressed rows.</summary>
    private static async Task<BarWriteResult[]> RetriedAsync(IBarStore bars, IEnumerable<BarWrite> writes)
    {
        BarWrite[] all = [.. writes];
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await bars.WriteAsync(all, Stop);
            }
            catch (StoreUnavailableException) when (attempt < 20)
            {
                Stop.ThrowIfCancellationRequested();
            }
        }
    }
}
