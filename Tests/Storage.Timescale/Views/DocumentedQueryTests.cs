using System.Globalization;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Storage;
using Tikr.Tests.Support;

namespace Tikr.Tests.Storage.Timescale.Views;

/// <summary>Every query of docs/sql.md does what the document says, on a database of the shipped specs with known data.</summary>
public sealed class DocumentedQueryTests(DocumentedQueryTests.Exchange exchange) : IClassFixture<DocumentedQueryTests.Exchange>
{
    private const long Second = Market.Second;

    // What each query gives; times as T+seconds after the first tick.
    private static readonly Dictionary<string, string[]> Expected = new(StringComparer.Ordinal)
    {
        ["Last bars of one key"] = ["T+119 1119 1119 1119 1119 10", "T+118 1118 1118 1118 1118 10", "T+117 1117 1117 1117 1117 10"],
        ["OHLCV by minute"] = ["T+0 ACME 1000 1059 999 1059 610 61", "T+0 BETA 2000 2000 1950 1950 30 6",
            "T+0 ZED 7 7 7 7 18446744073709551615 1", "T+60 ACME 1060 1119 1060 1119 990 50", "T+60 BETA 1940 1940 1890 1890 30 6"],
        ["Top movers"] = ["ACME 1000 1119 11.90", "BETA 2000 1890 -5.50", "ZED 7 7 0.00"],
        ["Gaps"] = ["ACME T+70 T+80"],
        ["Keys that have fallen silent"] = ["ZED T+5", "BETA T+110", "ACME T+119"],
        ["Two series side by side"] = ["T+100 900 51000 505"],
        ["Anomaly candidates"] = ["ACME T+100 500 10.0"],
        ["Volume-weighted price by minute"] = ["T+0 1029.0000", $"T+60 {Vwap.ToString("0.0000", CultureInfo.InvariantCulture)}"],
        ["Raw ticks of one bar"] = ["0 0 1000 10", "0 1 999 10"],
        ["Revised bars"] = ["T+20 ACME 1"],
        ["Bars against raw ticks"] = [],
    };

    public static TheoryData<string> Titles => [.. SqlDocument.Queries.Select(q => q.Title)];

    private static decimal Vwap
    {
        get
        {
            var trades = Exchange.Acme(0).Where(t => t.Time >= 60 * Second)
                .Select(t => (Price: (decimal)t.Fields[0]!, Quantity: (decimal)t.Fields[1]!)).ToList();
            return trades.Sum(t => t.Price * t.Quantity) / trades.Sum(t => t.Quantity);
        }
    }

    [Fact]
    public void Every_query_of_the_document_has_an_expectation_and_there_are_ten_at_least()
    {
        Assert.Equal(Expected.Keys.Order(StringComparer.Ordinal), SqlDocument.Queries.Select(q => q.Title).Order(StringComparer.Ordinal));
        Assert.True(SqlDocument.Queries.Count >= 10);
    }

    [Theory]
    [MemberData(nameof(Titles))]
    public async Task Query_gives_what_is_known(string title)
    {
        await exchange.FillAsync();

        Assert.Equal(Expected[title], await exchange.RunAsync(SqlDocument.Queries.Single(q => q.Title == title).Sql));
    }

    [Fact]
    public async Task Comparison_of_bars_with_ticks_finds_a_wrong_bar_and_a_missing_one()
    {
        await exchange.FillAsync();
        var compare = SqlDocument.Queries.Single(q => q.Title == "Bars against raw ticks").Sql;

        var wrong = await exchange.RunChangedAsync(
            $"UPDATE tikr.{exchange.Bars} SET high = high + 1 WHERE key_id = 1 AND bucket_ns = {exchange.Start + (3 * Second)}; "
                + $"DELETE FROM tikr.{exchange.Bars} WHERE key_id = 1 AND bucket_ns = {exchange.Start + (4 * Second)}", compare);

        Assert.Equal([$"1 {exchange.Start + (3 * Second)} 1003 1003", $"1 {exchange.Start + (4 * Second)} 1004 "], wrong);
    }

    /// <summary>Two minutes of a small exchange and of its network.</summary>
    public sealed class Exchange : IAsyncDisposable
    {
        private readonly Lazy<Task> _filled;
        private TestDatabase _database = null!;
        private FilledStore _store = null!;

        public Exchange() => _filled = new(FillOnceAsync);

        public long Start => _store.Start;

        /// <summary>The table of bars of market_ticks.</summary>
        public string Bars { get; private set; } = "";

        /// <summary>Fills the database for the first test that asks. Skips the running test where there is no server.</summary>
        public Task FillAsync() => _filled.Value;

        public async ValueTask DisposeAsync()
        {
            if (_store is not null) await _store.DisposeAsync();
            if (_database is not null) await _database.DisposeAsync();
        }

        /// <summary>A trade a second, two of them at once in the first, none for ten seconds, and one large.</summary>
        internal static IEnumerable<Tick> Acme(long start) =>
            [
                new Tick(1, start, 1, 999, 10),
                .. Enumerable.Range(0, 120).Where(i => i is < 70 or >= 80)
                    .Select(i => new Tick(1, start + (i * Second), i == 0 ? 0 : (uint)i + 1, 1000 + i, i == 100 ? 500 : 10)),
            ];

        /// <summary>Rows of a query as text, as the group of readers.</summary>
        public async Task<string[]> RunAsync(string sql) => Text(await _store.QueryAsync(sql, "tikr_reader"));

        /// <summary>The same after a change that does not last.</summary>
        public async Task<string[]> RunChangedAsync(string change, string sql)
        {
            await using var source = Npgsql.NpgsqlDataSource.Create(_database.ConnectionString);
            await using var connection = await source.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            await using (var first = new Npgsql.NpgsqlCommand(change, connection)) await first.ExecuteNonQueryAsync();
            return Text(await FilledStore.ReadAsync(connection, sql));
        }

        private async Task FillOnceAsync()
        {
            _database = await TimescaleServer.CreateDatabaseAsync("document");
            _store = new FilledStore(_database, "tikr");
            var specs = SpecFolder.Load(Repository.Specs).Specs;
            var series = await _store.OpenAsync(
                [.. specs.Where(s => s.Series is "market_ticks" or "network_flows").OrderBy(s => s.Series, StringComparer.Ordinal)]);
            var (market, network) = (series[0], series[1]);
            Bars = $"bars_{market.Id}_{Second}";
            var (acme, beta, zed) = (await KeyAsync(market, "ACME"), await KeyAsync(market, "BETA"), await KeyAsync(market, "ZED"));
            Assert.Equal(1u, acme);
            await _store.CommitAsync(market, Acme(Start));
            await _store.CommitAsync(
                market, [.. Enumerable.Range(0, 12).Select(i => new Tick(beta, Start + (i * 10 * Second), (uint)i, 2000 - (i * 10), 5)),
                    new Tick(zed, Start + (5 * Second), 0, 7, -1)]);
            var flow = await KeyAsync(network, "10.0.0.1", "10.0.0.2", "tcp");
            var other = await KeyAsync(network, "10.0.0.1", "10.0.0.3", "udp");
            await _store.CommitAsync(network, Enumerable.Range(0, 120).SelectMany(i => new[]
            {
                new Tick(flow, Start + (i * Second), (uint)i, i == 100 ? 50_000 : 1_000, 10, i == 100 ? 900 : 100),
                new Tick(other, Start + (i * Second), (uint)i, 1_000, 10, 100),
            }));
            await _store.StoreBarsAsync(market);
            await _store.StoreBarsAsync(network);
            await ReviseAsync(market, acme, Start + (20 * Second));
        }

        private Task<uint> KeyAsync(Series series, params string[] values) => _store.Store.Keys.KeyAsync(series, values);

        private async Task ReviseAsync(Series series, uint key, long bucket)
        {
            var bar = await _store.Store.Bars.FindAsync(series, key, bucket, default);
            var revised = bar! with { LastTimestamp = bar.LastTimestamp + 1 };
            Assert.Equal(BarWriteOutcome.Stored,
                (await _store.Store.Bars.WriteAsync([new BarWrite(series, key, revised, 0)], default))[0].Outcome);
        }

        private string[] Text(List<object?[]> rows) => [.. rows.Select(row => string.Join(' ', row.Select(Text)))];

        private string Text(object? value) => value switch
        {
            DateTime time =>
                string.Create(CultureInfo.InvariantCulture, $"T+{((time - DateTime.UnixEpoch).TotalSeconds - (Start / Second)):0.######}"),
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => $"{value}",
        };
    }
}
