using Confluent.Kafka;
using Tikr.Streaming.Kafka;
using Tikr.Streaming.Kafka.Producing;
using Tikr.Streaming.Kafka.Topics;
using Tikr.Tests.Streaming.Kafka.Support;
using Tikr.Tests.Support;
using Tikr.Tests.Support.Kafka;

namespace Tikr.Tests.Streaming.Kafka.Options;

/// <summary>Passwords and keys appear nowhere.</summary>
public sealed class SecretTests
{
    private const string Password = "correct-horse-battery";
    private const string KeyPassword = "staple-me-twice";
    private const string Pem = "-----BEGIN not-a-key END-----";

    [Fact]
    public async Task Logs_of_clients_with_everything_logged_have_no_secret()
    {
        using var kafka = MockKafka.Start();
        var log = new LogRecorder();
        var options = new KafkaProducerOptions
        {
            BootstrapServers = kafka.BootstrapServers,
            SecurityProtocol = SecurityProtocol.SaslPlaintext,
            SaslMechanism = SaslMechanism.Plain,
            SaslUsername = "user",
            SaslPassword = Password,
            MessageTimeout = TimeSpan.FromSeconds(1),
            FlushTimeout = TimeSpan.FromSeconds(2),
            StatisticsInterval = TimeSpan.FromMilliseconds(100),
        };
        options.Settings["debug"] = "all";
        options.Settings["ssl.key.password"] = KeyPassword;
        var deliveries = new Deliveries();

        await using (var producer = new KafkaRecordProducer(options, log))
        {
            // The mock knows no SASL: the login fails, which is logged.
            producer.TryProduce(new KafkaRecord { Topic = "t", Value = [1] }, deliveries, 1);
        }

        Assert.Equal(KafkaFailureKind.Transient, deliveries.Failed[1].Kind);
        Assert.Contains(log.Lines, line => line.Contains("SASL", StringComparison.OrdinalIgnoreCase));
        AssertClean([.. log.Lines, deliveries.Failed[1].Reason]);
    }

    [Fact]
    public void Error_that_quotes_a_setting_does_not_quote_its_secret()
    {
        var options = new KafkaProducerOptions { BootstrapServers = "127.0.0.1:1", SecurityProtocol = SecurityProtocol.Ssl };
        options.Settings["ssl.key.pem"] = Pem;
        options.Settings["ssl.certificate.pem"] = Pem;
        options.Settings["sasl.oauthbearer.client.secret"] = Password;

        var error = Assert.Throws<KafkaConfigurationException>(() => new KafkaRecordProducer(options, new LogRecorder()));

        AssertClean([error.ToString()]);
    }

    [Fact]
    public async Task Silo_logs_its_options_without_secrets()
    {
        await using var cluster = await KafkaCluster.StartAsync(configure: options =>
        {
            options.SslKeyPassword = KeyPassword;
            options.Settings["sasl.oauthbearer.client.secret"] = Password;
        });

        Assert.Contains(cluster.Log.Lines, line => line.Contains("KafkaStreamOptions", StringComparison.Ordinal));
        AssertClean(cluster.Log.Lines);
    }

    [Fact]
    public async Task Errors_of_topics_have_no_secret()
    {
        var options = new KafkaProducerOptions
        {
            BootstrapServers = "127.0.0.1:1",
            SecurityProtocol = SecurityProtocol.SaslPlaintext,
            SaslMechanism = SaslMechanism.Plain,
            SaslUsername = "user",
            SaslPassword = Password
        };
        using var topics = new KafkaTopics(options, new LogRecorder());

        var error = await Assert.ThrowsAsync<KafkaTopicException>(() => topics.EnsureAsync(
            "t", new KafkaTopicOptions(), TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken));

        Assert.True(error.IsTransient);
        AssertClean([error.ToString()]);
    }

    private static void AssertClean(IEnumerable<string> texts) => Assert.All(texts, text =>
    {
        Assert.DoesNotContain(Password, text, StringComparison.Ordinal);
        Assert.DoesNotContain(KeyPassword, text, StringComparison.Ordinal);
        Assert.DoesNotContain("not-a-key", text, StringComparison.Ordinal);
    });
}
