namespace Tikr.Tests.KafkaSupport;

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

    public static TestKafka Start()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } real) return new TestKafka(null, real);
        var mock = MockKafka.Start();
        return new TestKafka(mock, mock.BootstrapServers);
    }

    /// <summary>A topic name nobody else uses.</summary>
    public static string NewTopic(string what = "test") => $"{what}-{Guid.NewGuid():N}";

    public void Dispose() => _mock?.Dispose();
}
