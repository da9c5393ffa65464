using Tikr.Core.Dimensions;
using Tikr.Core.Ingest;
using Tikr.Core.Specs;
using Tikr.Storage;

namespace Tikr.Tests.Support.Compliance;

/// <summary>Series catalog and key table.</summary>
public abstract class KeyStoreCompliance : StoreSuite
{
    [Fact]
    public async Task Keys_are_numbered_from_one_and_keep_their_numbers_across_restarts()
    {
        Assert.Equal(1u, await Store.Keys.ResolveAsync(Series, "A", "X"));
        Assert.Equal(2u, await Store.Keys.ResolveAsync(Series, "B", "X"));
        await ReopenAsync();
        Assert.Equal(3u, await Store.Keys.ResolveAsync(Series, "C", "X"));
        Assert.Equal(1u, await Store.Keys.ResolveAsync(Series, "A", "X"));
        Assert.Equal(2u, (await Store.Keys.FindAsync(Series, new DimensionSet(Series.Model.Spec, ["B", "X"]), Stop))!.KeyId);
        Assert.Null(await Store.Keys.FindAsync(Series, new DimensionSet(Series.Model.Spec, ["B", "Y"]), Stop));
    }

    [Fact]
    public async Task The_same_dimensions_twice_in_one_call_are_one_key()
    {
        InternedKey[] keys = [Market.Key(Series, "A", "X"), Market.Key(Series, "B", "X"), Market.Key(Series, "A", "X")];
        await Store.Keys.ResolveAsync(Series, keys, Stop);
        Assert.Equal([1u, 2u, 1u], keys.Select(k => k.KeyId));
    }

    [Fact]
    public async Task Concurrent_resolvers_agree()
    {
        var numbers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            var keys = Enumerable.Range(0, 200).Select(i => Market.Key(Series, $"S{i}", "")).ToArray();
            await Store.Keys.ResolveAsync(Series, keys, Stop);
            return keys.Select(k => k.KeyId).ToArray();
        })));
        Assert.All(numbers, n => Assert.Equal(numbers[0], n));
        Assert.Equal(200, numbers[0].Distinct().Count());
    }

    [Fact]
    public async Task A_key_beyond_the_limit_is_refused_and_those_known_are_not()
    {
        await StartAsync(new StoreLimits(), Market.Model(maxKeys: 2));
        InternedKey[] keys = [Market.Key(Series, "A", ""), Market.Key(Series, "B", ""), Market.Key(Series, "C", "")];
        await Store.Keys.ResolveAsync(Series, keys, Stop);
        Assert.Equal([null, null, RejectionReasons.CardinalityLimit], keys.Select(k => k.Rejection));
        await ReopenAsync();
        InternedKey[] again = [Market.Key(Series, "C", ""), Market.Key(Series, "A", "")];
        await Store.Keys.ResolveAsync(Series, again, Stop);
        Assert.Equal(RejectionReasons.CardinalityLimit, again[0].Rejection);
        Assert.Equal(1u, again[1].KeyId);
    }

    [Fact]
    public async Task Listing_is_in_the_ordinal_order_of_values_whatever_they_contain()
    {
        string[] values = ["", "a", "a\0", "a\0b", "a\u0001", "ab", "b", "A", "é", "\U0001F600", "\uFFFD"];
        foreach (var symbol in values.Reverse())
        {
            foreach (var venue in new[] { "x", "" }) await Store.Keys.ResolveAsync(Series, symbol, venue);
        }

        var listed = await ListAsync([null, null]);
        var expected = values.SelectMany(s => new[] { (s, ""), (s, "x") })
            .OrderBy(k => Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(k.s)), StringComparer.Ordinal)
                .ThenBy(k => k.Item2, StringComparer.Ordinal);
        Assert.Equal(expected, listed.Select(k => (k.Dimensions.Values[0], k.Dimensions.Values[1])));
    }

    [Theory]
    [InlineData("a", null, 2)]
    [InlineData(null, "x", 3)]
    [InlineData("a", "x", 1)]
    [InlineData("", null, 1)]
    [InlineData("zz", null, 0)]
    public async Task Listing_matches_the_given_dimensions(string? symbol, string? venue, int count)
    {
        foreach (var (s, v) in new[] { ("a", "x"), ("a", "y"), ("ab", "x"), ("", "x") }) await Store.Keys.ResolveAsync(Series, s, v);
        Assert.Equal(count, (await ListAsync([symbol, venue])).Count);
    }

    [Fact]
    public async Task Listing_goes_on_where_it_was_after_a_long_wait_for_its_reader()
    {
        for (var i = 0; i < 20; i++) await Store.Keys.ResolveAsync(Series, $"S{i:00}", "");
        List<string> seen = [];
        await foreach (var key in Store.Keys.ListAsync(Series, [null, null], Stop))
        {
            seen.Add(key.Dimensions.Values[0]);
            Store.Time.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"S{i:00}"), seen);
    }

    [Fact]
    public async Task Dimension_sets_built_to_look_alike_are_two_keys()
    {
        var first = await Store.Keys.ResolveAsync(Series, "AA\0venue=Y", "Z");
        var second = await Store.Keys.ResolveAsync(Series, "AA", "Y\0venue=Z");
        Assert.NotEqual(first, second);
    }

    [Fact]
    public async Task Series_keep_their_numbers_and_two_series_do_not_mix()
    {
        var other = Market.Model("quotes");
        var opened = await Store.Catalog.OpenAsync([other, Series.Model], Stop);
        Assert.Equal(Series.Id, opened[1].Id);
        Assert.NotEqual(opened[0].Id, opened[1].Id);
        await Store.Keys.ResolveAsync(opened[0], "A", "X");
        Assert.Empty(await ListAsync([null, null]));
    }

    [Fact]
    public async Task Metrics_policies_grace_and_granularity_may_change()
    {
        var changed = new Core.Rollup.SeriesModel(Series.Model.Spec with
        {
            RollupNs = 5 * Market.Second,
            GraceNs = 0,
            Late = LatePolicy.Drop,
            MissingField = MissingFieldPolicy.Skip,
            Metrics = [new("low", "price", FieldType.Int64, "min"), new("bid", "bid", FieldType.Int64, "last")],
        });
        var before = Series.Model.FieldIds;
        await ReopenAsync(changed);
        Assert.Equal(before[0], Series.Model.FieldIds[0]);
        Assert.DoesNotContain(Series.Model.FieldIds[1], before);

        var third = Market.PlanWith([new("volume", "size", FieldType.UInt64, "sum"), new("bid", "bid", FieldType.Int64, "last")]);
        var bid = Series.Model.FieldIds[1];
        await ReopenAsync(third);
        Assert.Equal([before[1], bid], Series.Model.FieldIds);
    }

    [Fact]
    public async Task Changes_that_stored_data_cannot_follow_are_refused_all_at_once_with_their_remedies()
    {
        await Store.ReopenAsync();
        var renamed = new Core.Rollup.SeriesModel(Series.Model.Spec with
        {
            Dimensions = [new("ticker"), new("venue")],
            Metrics = [new("close", "price", FieldType.UInt64, "last")],
        });
        var e = await Assert.ThrowsAsync<StoreRefusedException>(() => Store.Catalog.OpenAsync([renamed], Stop).AsTask());
        Assert.Contains("ticker, venue", e.Message, StringComparison.Ordinal);
        Assert.Contains("symbol, venue", e.Message, StringComparison.Ordinal);
        Assert.Contains("'price' is uint64", e.Message, StringComparison.Ordinal);
        Assert.Contains("new name", e.Message, StringComparison.Ordinal);
        Assert.Equal(Series.Id, (await Store.OpenAsync(Series.Model)).Id);
    }

    private async Task<List<StoredKey>> ListAsync(string?[] match)
    {
        List<StoredKey> keys = [];
        await foreach (var key in Store.Keys.ListAsync(Series, match, Stop)) keys.Add(key);
        return keys;
    }
}
