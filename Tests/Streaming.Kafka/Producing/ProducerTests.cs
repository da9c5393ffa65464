using System.Text;
using Confluent.Kafka;
using Tikr.Streaming.Kafka.Producing;
using Tikr.Tests.Support.Kafka;

namespace Tikr.Tests.Streaming.Kafka.Producing;

/// <summary>What a producer does when brokers are there, away, slow or flapping.</summary>
public sealed class ProducerTests
{
    [Fact]
    public async Task Record_arrives_as_it_was_handed_over_and_its_report_says_where()
    {
        await using var harness = new ProducerHarness();
        var headers = new Headers { { "content-type", "text/plain"u8.ToArray() } };
        var record = new KafkaRecord
        {
            Topic = harness.Topic,
            Key = "k"u8.ToArray(),
            Value = "v"u8.ToArray(),
            Partition = 2,
            Headers = headers,
            TimestampMs = 1_700_000_000_123
        };

        Assert.True(harness.Producer.TryProduce(record, harness.Deliveries, 42));
        Assert.True(await harness.Producer.FlushAsync(ProducerHarness.Patience, TestContext.Current.CancellationToken));

        Assert.Equal((2, 0L), harness.Deliveries.Delivered[42]);
        var read = Assert.Single(harness.Read());
        Assert.Equal(("k", "v", 2, 1_700_000_000_123),
            (Encoding.UTF8.GetString(read.Message.Key!), Encoding.UTF8.GetString(read.Message.Value!),
                read.Partition.Value, read.Message.Timestamp.UnixTimestampMs));
        Assert.Equal("text/plain", Encoding.UTF8.GetString(Assert.Single(read.Message.Headers).GetValueBytes()));
    }

    [Fact]
    public async Task Brokers_that_come_after_the_start_get_everything_in_order()
    {
        using var kafka = MockKafka.Start();
        kafka.Down();
        await using var harness = new ProducerHarness(kafka: kafka);
        await harness.SendManyAsync(1_000);
        Assert.Equal(0, harness.Deliveries.Count);

        kafka.Up();
        await harness.ReportedAsync();

        Assert.Empty(harness.Deliveries.Failed);
        Assert.Equal(Enumerable.Range(0, 1_000).Select(token => (long)token), harness.ReadTokens());
    }

    [Fact]
    public async Task Flapping_brokers_lose_nothing_and_keep_the_order_of_a_key()
    {
        await using var harness = new ProducerHarness();
        for (var flap = 0; flap < 5; flap++)
        {
            await harness.SendManyAsync(200);
            harness.Kafka.Down();
            await harness.SendManyAsync(200);
            harness.Kafka.Up();
        }

        await harness.ReportedAsync();

        Assert.Empty(harness.Deliveries.Failed);
        // A lost acknowledgement may double a record on the mock, which does not check sequences; a real broker drops the double.
        Assert.Equal(Enumerable.Range(0, 2_000).Select(token => (long)token), harness.ReadTokens().Distinct());
    }

    [Fact]
    public async Task Bound_of_records_makes_producers_wait_until_brokers_take_some()
    {
        await using var harness = new ProducerHarness(options => options.MaxInFlightRecords = 10);
        harness.Kafka.Down();
        await harness.SendManyAsync(10);
        var record = new KafkaRecord { Topic = harness.Topic, Value = [1] };

        Assert.False(harness.Producer.TryProduce(record, harness.Deliveries, 1_000));
        var eleventh = harness.SendAsync();
        Assert.False(eleventh.IsCompleted);
        Assert.Equal(10, harness.Producer.InFlightRecords);

        harness.Kafka.Up();
        await eleventh;
        await harness.ReportedAsync();
        Assert.Equal((0, 0L), (harness.Producer.InFlightRecords, harness.Producer.InFlightBytes));
    }

    [Fact]
    public async Task Bound_of_bytes_holds_and_a_record_larger_than_it_goes_alone()
    {
        await using var harness = new ProducerHarness(options => options.MaxInFlightBytes = 10_000);
        harness.Kafka.Down();
        await harness.SendAsync(size: 50_000);

        Assert.False(harness.Producer.TryProduce(new KafkaRecord { Topic = harness.Topic, Value = [1] }, harness.Deliveries, 1_000));

        harness.Kafka.Up();
        for (var i = 0; i < 50; i++) await harness.SendAsync(size: 3_000);
        await harness.ReportedAsync();
        Assert.Empty(harness.Deliveries.Failed);
    }

    [Fact]
    public async Task Wait_for_room_ends_when_it_is_cancelled_and_nothing_is_reported_for_it()
    {
        await using var harness = new ProducerHarness(options => (options.MaxInFlightRecords, options.FlushTimeout) = (1, TimeSpan.Zero));
        harness.Kafka.Down();
        await harness.SendAsync();
        using var stop = new CancellationTokenSource();

        var waiting = harness.Producer.ProduceAsync(
            new KafkaRecord { Topic = harness.Topic, Value = [1] }, harness.Deliveries, 7, stop.Token).AsTask();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await harness.Producer.DisposeAsync();
        Assert.Equal([0], harness.Deliveries.Order);
    }

    [Fact]
    public async Task End_reports_what_is_in_flight_as_failed_and_ends_those_who_wait()
    {
        await using var harness = new ProducerHarness(
            options => (options.MaxInFlightRecords, options.FlushTimeout) = (3, TimeSpan.FromMilliseconds(50)));
        harness.Kafka.Down();
        await harness.SendManyAsync(3);
        var waiting = harness.Producer.ProduceAsync(
            new KafkaRecord { Topic = harness.Topic, Value = [1] }, harness.Deliveries, 7, TestContext.Current.CancellationToken).AsTask();

        await harness.Producer.DisposeAsync();

        Assert.Equal([0, 1, 2], harness.Deliveries.Failed.Keys.Order());
        Assert.All(harness.Deliveries.Failed.Values, failure => Assert.Equal(KafkaFailureKind.Transient, failure.Kind));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        Assert.Throws<ObjectDisposedException>(() => harness.Producer.TryProduce(new KafkaRecord { Topic = "t" }, harness.Deliveries, 8));
    }

    [Fact]
    public async Task Several_producers_of_one_instance_share_its_bounds_and_lose_nothing_when_it_is_made_anew()
    {
        await using var harness = new ProducerHarness(options => options.MaxInFlightRecords = 100);
        await harness.SendAsync();
        await harness.ReportedAsync();
        harness.Kafka.InjectErrors(KafkaApi.Produce, ErrorCode.OutOfOrderSequenceNumber);

        await Task.WhenAll(Enumerable.Range(1, 4).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < 2_000; i++)
                await harness.Producer.ProduceAsync(new KafkaRecord { Topic = harness.Topic, Key = [(byte)writer], Value = [1] },
                    harness.Deliveries, (writer * 10_000) + i, TestContext.Current.CancellationToken);
        }, TestContext.Current.CancellationToken)));
        Assert.True(await harness.Producer.FlushAsync(ProducerHarness.Patience, TestContext.Current.CancellationToken));

        Assert.Equal(8_001, harness.Deliveries.Delivered.Count + harness.Deliveries.Failed.Count);
        Assert.NotEmpty(harness.Deliveries.Failed);
        Assert.True(harness.Deliveries.Delivered.Count > 7_000);
    }

    [Fact]
    public async Task Callback_that_throws_harms_nobody_else()
    {
        await using var harness = new ProducerHarness();
        var record = new KafkaRecord { Topic = harness.Topic, Value = [1] };
        Assert.True(harness.Producer.TryProduce(record, new Throwing(), 1));

        await harness.SendAsync();
        Assert.True(await harness.Producer.FlushAsync(ProducerHarness.Patience, TestContext.Current.CancellationToken));

        Assert.Single(harness.Deliveries.Delivered);
        Assert.Contains(harness.Log.Lines, line => line.StartsWith("Error 8013", StringComparison.Ordinal));
    }

    private sealed class Throwing : IKafkaDelivery
    {
        public void Delivered(long token, int partition, long offset) => throw new InvalidOperationException("The test says so.");

        public void Failed(long token, KafkaDeliveryFailure failure) => throw new InvalidOperationException("The test says so.");
    }
}
