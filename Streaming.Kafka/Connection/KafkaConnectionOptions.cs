using Confluent.Kafka;

namespace Tikr.Streaming.Kafka.Connection;

/// <summary>Where the brokers are and who we are to them: what producers, consumers and administration have in common.</summary>
public class KafkaConnectionOptions
{
    /// <summary>Brokers to begin with, as <c>host:port,host:port</c>.</summary>
    public string BootstrapServers { get; set; } = "";

    /// <summary>Name that brokers log us by, and the tag of our metrics.</summary>
    public string ClientId { get; set; } = "orleans";

    /// <summary>How the connection is protected; null leaves it in the clear.</summary>
    public SecurityProtocol? SecurityProtocol { get; set; }

    /// <summary>How we log in, where <see cref="SecurityProtocol"/> is one of SASL.</summary>
    public SaslMechanism? SaslMechanism { get; set; }

    /// <summary>User name of SASL PLAIN and SCRAM.</summary>
    public string? SaslUsername { get; set; }

    /// <summary>Password of SASL PLAIN and SCRAM. Never logged.</summary>
    [Redact]
    public string? SaslPassword { get; set; }

    /// <summary>File or folder of the authorities that sign the brokers' certificates; null takes those of the system.</summary>
    public string? SslCaLocation { get; set; }

    /// <summary>File of our certificate (PEM), where brokers ask for one.</summary>
    public string? SslCertificateLocation { get; set; }

    /// <summary>File of our certificate's key (PEM).</summary>
    public string? SslKeyLocation { get; set; }

    /// <summary>Password of that key. Never logged.</summary>
    [Redact]
    public string? SslKeyPassword { get; set; }

    /// <summary>
    /// Any other settings of librdkafka, by its names (<c>socket.keepalive.enable</c>). They come last, except that those a promise of ours
    /// rests on are refused. Values are never logged.
    /// </summary>
    [Redact]
    public IDictionary<string, string> Settings { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>How often librdkafka's statistics are logged (level Debug); zero is never.</summary>
    public TimeSpan StatisticsInterval { get; set; }

    /// <summary>The same connection for something else, as a base to build options on.</summary>
    /// <param name="other">What to fill.</param>
    public void CopyConnectionTo(KafkaConnectionOptions other)
    {
        ArgumentNullException.ThrowIfNull(other);
        (other.BootstrapServers, other.ClientId, other.SecurityProtocol) = (BootstrapServers, ClientId, SecurityProtocol);
        (other.SaslMechanism, other.SaslUsername, other.SaslPassword) = (SaslMechanism, SaslUsername, SaslPassword);
        (other.SslCaLocation, other.SslCertificateLocation) = (SslCaLocation, SslCertificateLocation);
        (other.SslKeyLocation, other.SslKeyPassword, other.StatisticsInterval) = (SslKeyLocation, SslKeyPassword, StatisticsInterval);
        foreach (var (name, value) in Settings) other.Settings[name] = value;
    }
}
