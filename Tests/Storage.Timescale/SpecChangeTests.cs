using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Storage;
using static Tikr.Tests.Support.Compliance.Market;

namespace Tikr.Tests.Storage.Timescale;

/// <summary>A spec that changed at a restart: migrated, or refused with the exact reason and the remedy.</summary>
public sealed class SpecChangeTests : IAsyncLifetime
{
    private readonly TimescaleHarness _store = new();
    private Series _series = null!;
    private long _bucket;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _series = await _store.OpenAsync(Model());
        _bucket = _series.Model.BucketOf(_store.NowNs) / (60 * Second) * 60 * Second;
        await _store.Keys.ResolveAsync(_series, "A", "X");
        await _store.Bars.WriteAsync([new BarWrite(_series, 1, Bar(_bucket, 5), -1)], Stop);
        await _store.ReopenAsync();
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Theory]
    [InlineData("symbol,venue,side", "dimensions are [symbol, venue, side] but the store has [symbol, venue]: "
        + "stored keys cannot follow. Restore the dimensions and their order, or give the series a new name.")]
    [InlineData("symbol", "dimensions are [symbol] but the store has [symbol, venue]: stored keys "
        + "cannot follow. Restore the dimensions and their order, or give the series a new name.")]
    [InlineData("venue,symbol", "dimensions are [venue, symbol] but the store has [symbol, venue]: stored "
        + "keys cannot follow. Restore the dimensions and their order, or give the series a new name.")]
    public async Task Other_dimensions_are_refused(string dimensions, string reason) =>
        Assert.Equal(Refusal(reason),
            await RefusedAsync(Spec() with { Dimensions = [.. dimensions.Split(',').Select(name => new DimensionSpec(name))] }));

    [Fact]
    public async Task A_field_of_another_type_is_refused() => Assert.Equal(
        Refusal("field 'price' is uint64 but the store has it as int64: stored ticks cannot follow. "
            + "Restore the type, or use a field of another name, or give the series a new name."),
        await RefusedAsync(Spec() with
        {
            Metrics = [new("open", "price", FieldType.UInt64, "first"), new("volume", "size", FieldType.UInt64, "sum")],
        }));

    [Fact]
    public async Task A_refused_change_leaves_everything_as_it_was()
    {
        await RefusedAsync(Spec() with { Dimensions = [new("ticker"), new("venue")] });
        var series = await _store.OpenAsync(Model());
        Assert.True((await _store.Bars.FindAsync(series, 1, _bucket, Stop))!.SameContent(Bar(_bucket, 5)));
    }

    [Fact]
    public async Task Metrics_may_be_added_and_removed_and_stored_bars_keep_what_they_have()
    {
        var series = await _store.OpenAsync(
            PlanWith([new("open", "price", FieldType.Int64, "first"), new("least", "price", FieldType.Int64, "min")]));
        var found = (await _store.Bars.FindAsync(series, 1, _bucket, Stop))!;
        Assert.Equal((5, true, false), (found.Values[0], found.Has(0), found.Has(1)));
        series = await _store.OpenAsync(Model());
        Assert.True((await _store.Bars.FindAsync(series, 1, _bucket, Stop))!.SameContent(Bar(_bucket, 5)));
    }

    [Fact]
    public async Task Granularity_may_change_and_its_bars_are_others()
    {
        var minutes = new SeriesModel(Spec() with { RollupNs = 60 * Second, RollupText = "1m" });
        var series = await _store.OpenAsync(minutes);
        Assert.Equal(1u, await _store.Keys.ResolveAsync(series, "A", "X"));
        Assert.Null(await _store.Bars.FindAsync(series, 1, _bucket, Stop));
        await _store.Bars.WriteAsync([new BarWrite(series, 1, Bar(_bucket, 60), -1)], Stop);
        series = await _store.OpenAsync(Model());
        Assert.Equal(5, (await _store.Bars.FindAsync(series, 1, _bucket, Stop))!.Values[0]);
        series = await _store.OpenAsync(minutes);
        Assert.Equal(60, (await _store.Bars.FindAsync(series, 1, _bucket, Stop))!.Values[0]);
    }

    private string Refusal(string reason) =>
        $"The store in schema '{_store.Schema}' does not fit the specs:{Environment.NewLine}  series 'trades': {reason}";

    private async Task<string> RefusedAsync(SeriesSpec spec) =>
        (await Assert.ThrowsAsync<StoreRefusedException>(() => _store.OpenAsync(new SeriesModel(spec)))).Message;
}
