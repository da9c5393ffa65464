using System.Globalization;

namespace Tikr.Tests.EndToEnd.Scenarios;

/// <summary>
/// Servers of several machines on one database: the machines are addresses of loopback, and the silos have the same port, as they have
/// where nobody changes it.
/// </summary>
public sealed class SharedDatabaseTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Servers_of_two_addresses_share_their_keys_and_bars()
    {
        await using var database = await TimescaleServer.CreateDatabaseAsync("shared");
        var port = Ports.Free().Http.ToString(CultureInfo.InvariantCulture);
        await using var one = await StartAsync(database, "127.0.0.2", port);
        await using var two = await StartAsync(database, "127.0.0.3", port);
        var bucket = WallClock.LatestCompleteBucket - (10 * WallClock.Second);

        // Each brings a half of the ticks of each bar, all of which are long past their grace.
        await one.Client.SendAsync(Ticks(bucket, fromSequence: 1));
        await two.Client.SendAsync(Ticks(bucket, fromSequence: 101));

        foreach (var silo in new[] { one, two })
        {
            await Eventually.HoldsAsync("both halves are in the bars", TimeSpan.FromSeconds(60), async () =>
            {
                var bars = await silo.Client.BarsAsync(Ingest.MarketSeries, bucket, bucket + WallClock.Second);
                return bars.Count == 20 && bars.All(bar => bar.TickCount == 10)
                    ? null : $"{bars.Count} bars of {bars.Sum(bar => (long)bar.TickCount)} ticks";
            });
        }

        Assert.False(one.Program.HasExited, one.Program.Output);
        Assert.False(two.Program.HasExited, two.Program.Output);
    }

    private static MarketTick[] Ticks(long bucket, uint fromSequence) =>
        [.. Enumerable.Range(0, 100)
            .Select(i => new MarketTick($"SHARED-{i % 20}", bucket + (i * 1000) + fromSequence, 100, 1, fromSequence + (uint)i))];

    private static Task<SiloProcess> StartAsync(TestDatabase database, string address, string port) =>
        SiloProcess.StartAsync(new SiloOptions
        {
            Name = $"shared-{address}",
            Database = database.ConnectionString,
            Environment = new Dictionary<string, string> { ["TIKR_CLUSTER_ADDRESS"] = address, ["TIKR_CLUSTER_SILO_PORT"] = port },
        });
}
