using Tikr.Tests.Streaming.Kafka.Support;

namespace Tikr.Tests.Streaming.Kafka.Provider;

/// <summary>Partitions move between silos and no event is missing.</summary>
public sealed class SeveralSilosTests
{
    private const int Keys = 20;
    private const int PerKey = 60;

    [Fact]
    public async Task Silo_that_is_killed_takes_no_event_with_it()
    {
        await using var cluster = await KafkaCluster.StartAsync(silos: 2, partitions: 8);
        var writing = WriteAllAsync(cluster);
        await cluster.CollectedAsync(Keys * PerKey / 3);

        await cluster.KillAsync(1);
        await writing;

        await AllCollectedAsync(cluster);
        AssertOrder(cluster);
    }

    [Fact]
    public async Task Silo_that_stops_hands_its_partitions_over()
    {
        await using var cluster = await KafkaCluster.StartAsync(silos: 2, partitions: 8);
        var writing = WriteAllAsync(cluster);
        await cluster.CollectedAsync(Keys * PerKey / 3);

        await cluster.StopAsync(1);
        await writing;

        await AllCollectedAsync(cluster);
        AssertOrder(cluster);
    }

    [Fact]
    public async Task Silo_that_joins_takes_over_partitions()
    {
        await using var cluster = await KafkaCluster.StartAsync(silos: 1, partitions: 8);
        var writing = WriteAllAsync(cluster);
        await cluster.CollectedAsync(Keys * PerKey / 3);

        await cluster.StartAnotherAsync();
        await writing;

        await AllCollectedAsync(cluster);
        AssertOrder(cluster);
    }

    private static async Task WriteAllAsync(KafkaCluster cluster)
    {
        for (var i = 0; i < PerKey; i++)
        {
            for (var key = 0; key < Keys; key += 5)
                await Task.WhenAll(Enumerable.Range(key, 5).Select(each => cluster.WriteAsync($"{each}", [$"{each}:{i}"])));
        }
    }

    private static Task AllCollectedAsync(KafkaCluster cluster) => cluster.CollectedAsync("every event", collected =>
    {
        var missing = Keys * PerKey - collected.Values.Count;
        return missing == 0 ? null : $"{missing} missing";
    });

    // Events may come again after a move, and then from some point on in order; what comes for the first time comes in order.
    private static void AssertOrder(KafkaCluster cluster)
    {
        for (var key = 0; key < Keys; key++)
            Assert.Equal(Enumerable.Range(0, PerKey).Select(i => $"{key}:{i}"), cluster.Collected.ValuesOf($"{key}").Distinct());
    }
}
