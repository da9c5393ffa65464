using System.Globalization;
using System.Text;
using Tikr.Tests.Support;
using Tikr.Tests.Support.Kafka;
using Tikr.Tests.Support.Processes;

namespace Tikr.Tests.Streaming.Kafka.Provider;

/// <summary>The sample runs as its README says, against brokers of another process.</summary>
public sealed class SampleTests
{
    [Fact]
    public async Task Sample_adds_up_the_orders_that_are_on_its_topic()
    {
        using var kafka = MockKafka.Start();
        var ports = Ports.Free();
        var dll = Path.Combine(Repository.Root, "samples/KafkaStreams/bin", Repository.Configuration, "net10.0/kafka-streams-sample.dll");

        using var sample = ProgramProcess.Start("dotnet", [dll, kafka.BootstrapServers, "4", $"{ports.Grpc}", $"{ports.Http}"]);

        Assert.Equal(0, await sample.WaitForExitAsync(TimeSpan.FromMinutes(2)));
        using var reader = new TopicReader(kafka.BootstrapServers, "orders");
        var records = reader.ReadAll();
        Assert.Equal(40, records.Count);
        Assert.All(records, record => Assert.Contains($"\"Customer\":\"{Encoding.UTF8.GetString(record.Message.Key!)}\"",
            Encoding.UTF8.GetString(record.Message.Value!), StringComparison.Ordinal));
        var last = sample.Output.Split('\n').Last(line => line.StartsWith("ada", StringComparison.Ordinal));
        Assert.True(int.Parse(last.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) > 0, sample.Output);
    }
}
