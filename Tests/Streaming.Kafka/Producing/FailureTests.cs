using Tikr.Streaming.Kafka.Producing;
using Tikr.Tests.Support;
using Tikr.Tests.Support.Kafka;

namespace Tikr.Tests.Streaming.Kafka.Producing;

/// <summary>What errors of the broker become.</summary>
public sealed class FailureTests
{
    [Theory]
    [InlineData(ErrorCode.NotEnoughReplicas)]
    [InlineData(ErrorCode.NotEnoughReplicasAfterAppend)]
    [InlineData(ErrorCode.LeaderNotAvailable)]
    [InlineData(ErrorCode.NotLeaderForPartition)]
    [InlineData(ErrorCode.RequestTimedOut)]
    [InlineData(ErrorCode.KafkaStorageError)]
    public async Task Error_that_passes_is_retried_and_every_record_is_delivered_once_and_in_order(ErrorCode code)
    {
        await using var harness = new ProducerHarness();
        await harness.SendAsync();
        await harness.ReportedAsync();
        harness.Kafka.InjectErrors(KafkaApi.Produce, code, code, code);

        await harness.SendManyAsync(500);
        await harness.ReportedAsync();

        Assert.Empty(harness.Deliveries.Failed);
        Assert.Equal(Enumerable.Range(0, 501).Select(token => (long)token), harness.ReadTokens());
    }

    [Theory]
    [InlineData(ErrorCode.MsgSizeTooLarge, KafkaFailureKind.PermanentForRecord)]
    [InlineData(ErrorCode.InvalidRecord, KafkaFailureKind.PermanentForRecord)]
    [InlineData(ErrorCode.InvalidTimestamp, KafkaFailureKind.PermanentForRecord)]
    [InlineData(ErrorCode.TopicAuthorizationFailed, KafkaFailureKind.PermanentForTopic)]
    [InlineData(ErrorCode.ClusterAuthorizationFailed, KafkaFailureKind.PermanentForTopic)]
    public async Task Error_that_stays_is_reported_by_kind_and_later_records_go_through(ErrorCode code, KafkaFailureKind kind)
    {
        await using var harness = new ProducerHarness();
        harness.Kafka.InjectErrors(KafkaApi.Produce, code);

        var refused = await harness.SendAsync();
        await harness.ReportedAsync();

        var failure = harness.Deliveries.Failed[refused];
        Assert.Equal((code, kind), (failure.Code, failure.Kind));
        Assert.NotEmpty(failure.Reason);
        await DeliversAgainAsync(harness);
    }

    [Fact]
    public async Task Fatal_error_makes_the_producer_anew()
    {
        await using var harness = new ProducerHarness();
        await harness.SendAsync();
        await harness.ReportedAsync();
        harness.Kafka.InjectErrors(KafkaApi.Produce, ErrorCode.OutOfOrderSequenceNumber);

        var first = await harness.SendAsync();
        await harness.ReportedAsync();

        Assert.Equal(KafkaFailureKind.Fatal, harness.Deliveries.Failed[first].Kind);
        await DeliversAgainAsync(harness);
        Assert.Contains(harness.Log.Lines, line => line.StartsWith("Error 8010", StringComparison.Ordinal));
        Assert.Contains(harness.Log.Lines, line => line.StartsWith("Information 8011", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Record_larger_than_the_client_allows_fails_alone()
    {
        await using var harness = new ProducerHarness(options => options.MaxMessageBytes = 10_000);

        await harness.SendAsync();
        var large = await harness.SendAsync(size: 20_000);
        await harness.SendAsync();
        await harness.ReportedAsync();

        Assert.Equal((ErrorCode.MsgSizeTooLarge, KafkaFailureKind.PermanentForRecord, false),
            (harness.Deliveries.Failed[large].Code, harness.Deliveries.Failed[large].Kind,
                harness.Deliveries.Failed[large].MayBePersisted));
        Assert.Equal([0, 2], harness.ReadTokens());
    }

    [Fact]
    public async Task Topic_that_is_not_there_and_does_not_appear_is_permanent_for_the_topic()
    {
        await using var harness = new ProducerHarness(options =>
        {
            options.MessageTimeout = TimeSpan.FromSeconds(3);
            options.Settings["topic.metadata.propagation.max.ms"] = "0";
        });
        harness.Kafka.SetTopicError("missing", ErrorCode.UnknownTopicOrPart);

        var token = await harness.SendAsync(topic: "missing");
        await harness.ReportedAsync();

        Assert.Equal(KafkaFailureKind.PermanentForTopic, harness.Deliveries.Failed[token].Kind);
    }

    [Fact]
    public async Task Partition_that_does_not_exist_is_permanent_for_the_record()
    {
        await using var harness = new ProducerHarness(options => options.MessageTimeout = TimeSpan.FromSeconds(3));
        harness.Kafka.CreateTopic(harness.Topic, 2);

        var token = await harness.SendAsync(partition: 7);
        await harness.ReportedAsync();

        Assert.Equal(KafkaFailureKind.PermanentForRecord, harness.Deliveries.Failed[token].Kind);
    }

    [Fact]
    public async Task Record_that_waits_too_long_for_its_broker_is_transient_and_not_persisted()
    {
        await using var harness = new ProducerHarness(options => options.MessageTimeout = TimeSpan.FromMilliseconds(500));
        harness.Kafka.Down();

        var token = await harness.SendAsync();
        await harness.ReportedAsync();

        var failure = harness.Deliveries.Failed[token];
        Assert.Equal((ErrorCode.Local_MsgTimedOut, KafkaFailureKind.Transient, false),
            (failure.Code, failure.Kind, failure.MayBePersisted));
    }

    // The topic's refusal lasts until the client refreshes its metadata.
    private static Task DeliversAgainAsync(ProducerHarness harness) =>
        Eventually.HoldsAsync("a record is delivered again", ProducerHarness.Patience, async () =>
    {
        var token = await harness.SendAsync();
        await harness.ReportedAsync();
        return harness.Deliveries.Delivered.ContainsKey(token) ? null : $"{harness.Deliveries.Failed[token]}";
    });
}
