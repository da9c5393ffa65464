namespace Tikr.Tests.Core.Configuration;

/// <summary>Main configurations.</summary>
internal static class ConfigurationTexts
{
    /// <summary>The keys that the Go server's configuration has, in its shape.</summary>
    public const string OfGoServer = """
        server:
          grpc_port: 19876
          http_port: 19877

        storage:
          data_dir: /var/ticks
          ticks:
            ttl: 2h
            max_size_gb: 40
          rollup:
            ttl: 3h
            max_size_gb: 4

        kafka:
          brokers:
            - "kafka-1:9092"
            - kafka-2:9093

        telemetry:
          enabled: true
          service_name: edge-7
          kafka:
            enabled: true
            brokers:
              - "kafka-1:9092"
            metrics_topic: edge-metrics
            encoding: proto
          prometheus:
            enabled: true
            port: 19878

        specs_dir: /etc/series
        """;
}
