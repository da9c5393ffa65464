using System.Text;
using Confluent.Kafka;
using CsCheck;
using Tikr.Streaming.Kafka.Mapping;
using Tikr.Streaming.Kafka.Producing;

namespace Tikr.Tests.Streaming.Kafka.Producing;

/// <summary>Keys go where other clients of Kafka send them.</summary>
public sealed class PartitionerTests
{
    private const int Partitions = 7;

    [Theory]
    [InlineData(KafkaPartitioner.Murmur2)]
    [InlineData(KafkaPartitioner.Fnv1a)]
    public async Task Keys_go_to_the_partition_that_we_compute(KafkaPartitioner partitioner)
    {
        await using var harness = new ProducerHarness(options => options.Partitioner = partitioner);
        harness.Kafka.CreateTopic(harness.Topic, Partitions);
        for (var i = 0; i < 300; i++) await harness.SendAsync($"{new string('k', i % 11)}{i}");
        await harness.ReportedAsync();

        Assert.All(harness.Read(), record => Assert.Equal(
            partitioner == KafkaPartitioner.Fnv1a
                ? KeyHashes.Fnv1a(record.Message.Key, Partitions) : KeyHashes.Murmur2(record.Message.Key, Partitions),
            record.Partition.Value));
        Assert.Equal(Partitions, harness.Deliveries.Delivered.Values.Select(at => at.Partition).Distinct().Count());
    }

    [Fact]
    public async Task Keys_go_where_a_plain_client_with_the_murmur2_partitioner_sends_them()
    {
        await using var harness = new ProducerHarness();
        harness.Kafka.CreateTopic(harness.Topic, Partitions);
        using var plain = new ProducerBuilder<string, string>(
            new ProducerConfig { BootstrapServers = harness.Kafka.BootstrapServers, Partitioner = Partitioner.Murmur2Random }).Build();

        for (var i = 0; i < 50; i++)
        {
            var token = await harness.SendAsync($"key {i}");
            await harness.ReportedAsync();
            var there = await plain.ProduceAsync(
                harness.Topic, new Message<string, string> { Key = $"key {i}", Value = "" }, TestContext.Current.CancellationToken);
            Assert.Equal(there.Partition.Value, harness.Deliveries.Delivered[token].Partition);
        }
    }

    [Theory]
    [InlineData(KafkaPartitioner.Murmur2)]
    [InlineData(KafkaPartitioner.Fnv1a)]
    public async Task Records_without_a_key_are_spread(KafkaPartitioner partitioner)
    {
        await using var harness = new ProducerHarness(options =>
        {
            options.Partitioner = partitioner;
            options.Settings["sticky.partitioning.linger.ms"] = "0";
        });
        harness.Kafka.CreateTopic(harness.Topic, Partitions);

        await harness.SendManyAsync(500, key: null);
        await harness.ReportedAsync();

        Assert.Equal(Partitions, harness.Deliveries.Delivered.Values.Select(at => at.Partition).Distinct().Count());
        Assert.All(harness.Read(), record => Assert.Null(record.Message.Key));
    }

    // As the Java client's own tests have them: murmur2 of known strings.
    [Theory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    public void Murmur2_is_that_of_the_Java_clients(string key, int hash) =>
        Assert.Equal((hash & 0x7fffffff) % 1_000_003, KeyHashes.Murmur2(Encoding.UTF8.GetBytes(key), 1_000_003));

    [Fact]
    public void Hashes_stay_within_the_partitions() => Gen.Select(Gen.Byte.Array[0, 40], Gen.Int[1, 5_000]).Sample((key, partitions) =>
        KeyHashes.Murmur2(key, partitions) is var murmur && murmur >= 0 && murmur < partitions
        && KeyHashes.Fnv1a(key, partitions) is var fnv && fnv >= 0 && fnv < partitions);
}
