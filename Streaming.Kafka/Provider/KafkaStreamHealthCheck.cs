using Microsoft.Extensions.Diagnostics.HealthChecks;
using Tikr.Streaming.Kafka.Topics;

namespace Tikr.Streaming.Kafka.Provider;

/// <summary>Asks the brokers for the topic.</summary>
internal sealed class KafkaStreamHealthCheck(KafkaStreamResources resources) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await resources.EnsureTopicAsync(Patience, cancellationToken).ConfigureAwait(false);
            return HealthCheckResult.Healthy($"Topic '{resources.Options.Topic}' is there.");
        }
        catch (KafkaTopicException e)
        {
            return e.IsTransient ? HealthCheckResult.Degraded(e.Message) : HealthCheckResult.Unhealthy(e.Message);
        }
        catch (KafkaConfigurationException e)
        {
            return HealthCheckResult.Unhealthy(e.Message);
        }
    }
}
