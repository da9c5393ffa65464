using Confluent.Kafka;

namespace Tikr.Streaming.Kafka.Connection;

/// <summary>Turns options into settings of librdkafka.</summary>
internal static class ClientConfigs
{
    /// <summary>
    /// Fills in the connection; what the caller has set stays unless <see cref="KafkaConnectionOptions.Settings"/> names it.
    /// </summary>
    public static T Connect<T>(this T config, KafkaConnectionOptions options)
        where T : ClientConfig
    {
        config.BootstrapServers = options.BootstrapServers;
        config.ClientId = options.ClientId;
        config.SecurityProtocol = options.SecurityProtocol;
        config.SaslMechanism = options.SaslMechanism;
        config.SaslUsername = options.SaslUsername;
        config.SaslPassword = options.SaslPassword;
        config.SslCaLocation = options.SslCaLocation;
        config.SslCertificateLocation = options.SslCertificateLocation;
        config.SslKeyLocation = options.SslKeyLocation;
        config.SslKeyPassword = options.SslKeyPassword;
        if (options.StatisticsInterval > TimeSpan.Zero) config.StatisticsIntervalMs = (int)options.StatisticsInterval.TotalMilliseconds;
        foreach (var (name, value) in options.Settings) config.Set(name, value);
        return config;
    }
}
