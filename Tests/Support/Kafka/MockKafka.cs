using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace Tikr.Tests.Support.Kafka;

/// <summary>
/// A Kafka cluster inside this process that listens on the loopback address: librdkafka's mock. Other processes may connect too. Unknown
/// topics appear when asked for, with four partitions; a partition keeps 5 MB or 100,000 batches; it has no requests for topics.
/// </summary>
public sealed class MockKafka : IDisposable
{
    private readonly nint _client;
    private readonly nint _cluster;
    private bool _disposed;

    private MockKafka(int brokers)
    {
        _client = MockNative.NewClient();
        _cluster = MockNative.rd_kafka_mock_cluster_new(_client, brokers);
        if (_cluster == 0) throw new InvalidOperationException("The mock cluster could not be made.");
        MockNative.rd_kafka_mock_group_initial_rebalance_delay_ms(_cluster, 0);
        BootstrapServers = MockNative.Bootstraps(_cluster);
    }

    /// <summary>Where it listens.</summary>
    public string BootstrapServers { get; }

    /// <summary>Starts one.</summary>
    public static MockKafka Start(int brokers = 1) => new(brokers);

    /// <summary>Makes a topic with as many partitions as said.</summary>
    public void CreateTopic(string topic, int partitions) =>
        MockNative.Check(MockNative.rd_kafka_mock_topic_create(_cluster, topic, partitions, 1), $"create topic {topic}");

    /// <summary>All brokers (or one) stop answering and refuse connections.</summary>
    public void Down(int broker = -1) => MockNative.Check(MockNative.rd_kafka_mock_broker_set_down(_cluster, broker), "go down");

    /// <summary>They are back, with all their records.</summary>
    public void Up(int broker = -1) => MockNative.Check(MockNative.rd_kafka_mock_broker_set_up(_cluster, broker), "come up");

    /// <summary>The next requests of a kind are answered with these errors, one each.</summary>
    public void InjectErrors(KafkaApi api, params ErrorCode[] codes) =>
        MockNative.rd_kafka_mock_push_request_errors_array(_cluster, (short)api, codes.Length, codes);

    /// <summary>Errors not yet given are forgotten.</summary>
    public void ClearErrors(KafkaApi api) => MockNative.rd_kafka_mock_clear_request_errors(_cluster, (short)api);

    /// <summary>Metadata of a topic say this error until it is set to <see cref="ErrorCode.NoError"/>.</summary>
    public void SetTopicError(string topic, ErrorCode code) => MockNative.rd_kafka_mock_topic_set_error(_cluster, topic, code);

    /// <summary>A partition changes its leader.</summary>
    public void SetLeader(string topic, int partition, int broker) =>
        MockNative.Check(MockNative.rd_kafka_mock_partition_set_leader(_cluster, topic, partition, broker), "change a leader");

    /// <summary>Records before an offset are gone, as retention takes them.</summary>
    public void DeleteRecords(string topic, int partition, long before) =>
        MockNative.Check(MockNative.rd_kafka_mock_partition_delete_records(_cluster, topic, partition, before), "delete records");

    /// <summary>Answers take that long.</summary>
    public void SetRtt(TimeSpan time, int broker = -1)
    {
        var first = broker == -1 ? 1 : broker;
        var last = broker == -1 ? BootstrapServers.Split(',').Length : broker;
        for (var number = first; number <= last; number++)
            MockNative.Check(MockNative.rd_kafka_mock_broker_set_rtt(_cluster, number, (int)time.TotalMilliseconds),
                "set the round trip time");
    }

    /// <summary>Begins to keep a log of requests.</summary>
    public void TrackRequests() => MockNative.rd_kafka_mock_start_request_tracking(_cluster);

    /// <summary>Requests since <see cref="TrackRequests"/>, in order.</summary>
    public IReadOnlyList<KafkaApi> Requests()
    {
        var array = MockNative.rd_kafka_mock_get_requests(_cluster, out var count);
        if (array == 0) return [];
        var requests = new KafkaApi[count];
        for (var i = 0; i < requests.Length; i++)
            requests[i] = (KafkaApi)MockNative.rd_kafka_mock_request_api_key(Marshal.ReadIntPtr(array, i * nint.Size));
        MockNative.rd_kafka_mock_request_destroy_array(array, count);
        return requests;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, true)) return;
        MockNative.rd_kafka_mock_cluster_destroy(_cluster);
        MockNative.rd_kafka_destroy(_client);
    }
}
