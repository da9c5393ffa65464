using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Tikr.Tests.Support.Kafka;

/// <summary>Brokers for a test that needs no errors: the real ones that TIKR_TEST_KAFKA names, else a mock of its own.</summary>
public sealed class TestKafka : IDisposable
{
    /// <summary>Names the brokers (host:port,host:port) to test with instead of mocks.</summary>
    public const string Variable = "TIKR_TEST_KAFKA";

    private readonly MockKafka? _mock;

    private TestKafka(MockKafka? mock, string bootstrapServers) => (_mock, BootstrapServers) = (mock, bootstrapServers);

    /// <summary>Where they listen.</summary>
    public string BootstrapServers { get; }

    /// <summary>Whether they are real.</summary>
    public bool IsReal => _mock is null;

    /// <summary>The mock, for tests that make it fail.</summary>
    public MockKafka Mock => _mock ?? throw new InvalidOperationException(
        $"The test tells brokers to fail, which those of {Variable} cannot. It must ask for a mock.");

    /// <summary>Starts or finds brokers.</summary>
    /// <param name="mock">Whether they must be a mock.</param>
    public static TestKafka Start(bool mock = false)
    {
        if (!mock && Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } real) return new TestKafka(null, real);
        var started = MockKafka.Start();
        return new TestKafka(started, started.BootstrapServers);
    }

    /// <summary>A topic name nobody else uses.</summary>
    public static string NewTopic(string what = "test") => $"{what}-{Guid.NewGuid():N}";

    /// <summary>Makes a topic with as many partitions as said.</summary>
    public async Task CreateTopicAsync(string topic, int partitions)
    {
        if (_mock is not null)
        {
            _mock.CreateTopic(topic, partitions);
            return;
        }

        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = BootstrapServers }).Build();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = partitions, ReplicationFactor = -1 }])
            .ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose() => _mock?.Dispose();
}
