using System.Text;
using Tikr.Streaming.Kafka;
using Tikr.Streaming.Kafka.Consuming;
using Tikr.Streaming.Kafka.Mapping;
using Tikr.Streaming.Kafka.Payload;
using Tikr.Streaming.Kafka.Producing;

namespace Tikr.Tests.Streaming.Kafka.Provider;

/// <summary>Formats and mappings that come with the library.</summary>
public sealed class PayloadTests
{
    private static readonly StreamId Stream = StreamId.Create("orders", "42");

    [Fact]
    public void Json_writes_one_record_per_event_and_reads_it_back()
    {
        var json = new JsonPayloadSerializer<Order>();

        var payloads = json.Serialize(Stream, new[] { new Order("a", 1), new Order("b", 2) }, null);

        Assert.Equal("{\"Name\":\"a\",\"Amount\":1}", Encoding.UTF8.GetString(payloads[0].Value!));
        Assert.Equal(new Order("b", 2), Assert.Single(json.Deserialize(Record(payloads[1].Value)).Events));
        Assert.Empty(json.Deserialize(Record(null)).Events);
        Assert.ThrowsAny<Exception>(() => json.Deserialize(Record("null"u8.ToArray())));
        Assert.ThrowsAny<Exception>(() => json.Deserialize(Record("{"u8.ToArray())));
        Assert.Contains("Order", Assert.Throws<KafkaStreamException>(() => json.Serialize(Stream, new[] { "text" }, null)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Raw_bytes_pass_through()
    {
        var raw = new RawPayloadSerializer();

        Assert.Equal([1, 2], raw.Serialize(Stream, new[] { new byte[] { 1, 2 } }, null)[0].Value!);
        Assert.Equal(new byte[] { 3 }, Assert.Single(raw.Deserialize(Record([3])).Events));
        Assert.Throws<KafkaStreamException>(() => raw.Serialize(Stream, new[] { 5 }, null));
    }

    [Theory]
    [InlineData(KafkaPartitioner.Murmur2)]
    [InlineData(KafkaPartitioner.Fnv1a)]
    public void Streams_of_keys_come_back_from_their_records(KafkaPartitioner partitioner)
    {
        var mapper = new KeyStreams("orders", 8, partitioner);

        var address = mapper.AddressOf(Stream);

        Assert.Equal(Stream, mapper.StreamOf(Record([], address.Key, address.Partition)));
        Assert.Equal(StreamId.Create("orders", "keyless"), mapper.StreamOf(Record([])));
        Assert.Null(((IKafkaStreamMapper)mapper).StreamOfPartition(1));
        Assert.Throws<KafkaStreamException>(() => mapper.AddressOf(StreamId.Create("else", "42")));
    }

    [Theory]
    [InlineData("8")]
    [InlineData("-1")]
    [InlineData("1x")]
    [InlineData("one")]
    public void Streams_of_partitions_have_numbers(string key)
    {
        var mapper = new PartitionStreams("orders", 8);

        Assert.Equal(7, mapper.AddressOf(StreamId.Create("orders", "7")).Partition);
        Assert.Equal(StreamId.Create("orders", "7"), mapper.StreamOf(Record([], [1], 7)));
        Assert.Equal(StreamId.Create("orders", "7"), mapper.StreamOfPartition(7));
        Assert.Throws<KafkaStreamException>(() => mapper.AddressOf(StreamId.Create("orders", key)));
    }

    private static KafkaConsumedRecord Record(byte[]? value, byte[]? key = null, int partition = 0) =>
        new("orders", partition, 0, key, value, 0, null);

    internal sealed record Order(string Name, int Amount);
}
