using Confluent.Kafka;

namespace Tikr.KafkaStreams;

/// <summary>A broker for those who have none at hand: the one that librdkafka carries for tests, inside this process.</summary>
internal sealed class DemoBroker : IDisposable
{
    private readonly IAdminClient _owner;

    private DemoBroker(IAdminClient owner, string address) => (_owner, Address) = (owner, address);

    public string Address { get; }

    public static DemoBroker Start()
    {
        var config = new AdminClientConfig();
        config.Set("test.mock.num.brokers", "1");
        var owner = new AdminClientBuilder(config).SetLogHandler((_, _) => { }).Build();
        var broker = owner.GetMetadata(TimeSpan.FromSeconds(10)).Brokers.Single();
        return new DemoBroker(owner, $"{broker.Host}:{broker.Port}");
    }

    public void Dispose() => _owner.Dispose();
}
