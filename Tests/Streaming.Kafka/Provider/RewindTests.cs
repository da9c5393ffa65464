using Tikr.Streaming.Kafka.Mapping;
using Tikr.Tests.Streaming.Kafka.Support;
using Tikr.Tests.Support.Kafka;

namespace Tikr.Tests.Streaming.Kafka.Provider;

/// <summary>Subscriptions that begin at an offset of the past.</summary>
public sealed class RewindTests
{
    [Fact]
    public async Task Subscription_gets_history_from_its_offset_and_then_live_events_without_gap_or_duplicate()
    {
        await using var cluster = await StartFeedAsync();
        await cluster.WriteAsync(null, Values(0, 300), partition: 0);
        await cluster.CommittedAsync(300, partitions: 1);

        await cluster.Subscriber("rewound").SubscribeAsync(KafkaCluster.Explicit, "0", 100);
        await cluster.WriteAsync(null, Values(300, 50), partition: 0);
        await cluster.CollectedAsync(
            "the last event", collected => collected.ValuesOf("rewound").Contains("349") ? null : $"{collected.Count}");

        Assert.Equal(Values(100, 250), cluster.Collected.ValuesOf("rewound"));
        Assert.Equal(Enumerable.Range(100, 250).Select(offset => (long)offset), cluster.Collected.Of("rewound").Select(one => one.Offset));
    }

    [Fact]
    public async Task Subscriptions_rewind_while_others_read_on_and_records_keep_coming()
    {
        await using var cluster = await StartFeedAsync();
        await cluster.Subscriber("live").SubscribeAsync(KafkaCluster.Explicit, "0", null);
        var writing = cluster.WriteAsync(null, Values(0, 2_000), partition: 0);
        await cluster.CollectedAsync("some live events", collected => collected.Of("live").Count > 500 ? null : $"{collected.Count}");

        await cluster.Subscriber("from 0").SubscribeAsync(KafkaCluster.Explicit, "0", 0);
        await cluster.Subscriber("from 250").SubscribeAsync(KafkaCluster.Explicit, "0", 250);
        await writing;
        await cluster.CollectedAsync("everything everywhere", collected =>
            new[] { "live", "from 0", "from 250" }.All(one => collected.ValuesOf(one).Contains("1999")) ? null : $"{collected.Count}");

        Assert.Equal(Values(0, 2_000), cluster.Collected.ValuesOf("from 0"));
        Assert.Equal(Values(250, 1_750), cluster.Collected.ValuesOf("from 250"));
        Assert.Equal(Values(2_000 - cluster.Collected.Of("live").Count, cluster.Collected.Of("live").Count),
            cluster.Collected.ValuesOf("live"));
    }

    [Fact]
    public async Task Subscription_of_one_key_rewinds_to_records_of_that_key()
    {
        await using var cluster = await KafkaCluster.StartAsync(
            partitions: 1, configure: options => options.StreamNamespace = KafkaCluster.Explicit);
        for (var i = 0; i < 30; i++) await cluster.WriteAsync($"{i % 3}", [$"{i}"]);
        await cluster.CommittedAsync(30, partitions: 1);

        // Orleans knows a stream from its first record on.
        await cluster.Subscriber("rewound").SubscribeAsync(KafkaCluster.Explicit, "1", 10);
        await cluster.WriteAsync("1", ["31"]);
        await cluster.CollectedAsync(
            "the new event", collected => collected.ValuesOf("rewound").Contains("31") ? null : $"{collected.Count}");

        Assert.Equal(["10", "13", "16", "19", "22", "25", "28", "31"], cluster.Collected.ValuesOf("rewound"));
    }

    [Fact]
    public async Task Rewind_before_what_the_topic_still_has_begins_with_the_oldest_record()
    {
        using var kafka = TestKafka.Start(mock: true);
        await using var first = await StartFeedAsync(kafka);
        await first.WriteAsync(null, Values(0, 100), partition: 0);
        await first.CommittedAsync(100, partitions: 1);
        kafka.Mock.DeleteRecords(first.Topic, 0, 40);
        await using var cluster = await StartFeedAsync(kafka, first.Topic);

        await cluster.Subscriber("rewound").SubscribeAsync(KafkaCluster.Explicit, "0", 0);
        await cluster.WriteAsync(null, Values(100, 1), partition: 0);
        await cluster.CollectedAsync(
            "the last event", collected => collected.ValuesOf("rewound").Contains("100") ? null : $"{collected.Count}");

        Assert.Equal(Values(40, 61), cluster.Collected.ValuesOf("rewound"));
    }

    private static Task<KafkaCluster> StartFeedAsync(TestKafka? kafka = null, string? topic = null) => KafkaCluster.StartAsync(
        partitions: 1, kafka: kafka, topic: topic, createTopic: topic is null, configure: options =>
        {
            options.Mapping = KafkaStreamMapping.PerPartition;
            options.StreamNamespace = KafkaCluster.Explicit;
        });

    private static IEnumerable<string> Values(int from, int count) => Enumerable.Range(from, count).Select(i => $"{i}");
}
