using Tikr.Gateway.Http;
using Tikr.Orleans.Postgres;

namespace Tikr.Silo.Health;

/// <summary>Not ready while the silo waits for its database, or for silos of an earlier run to count as dead.</summary>
internal sealed class StartReadiness(OrleansStart start) : IReadinessSource
{
    public string? NotReadyReason => start.WaitingFor is { } what ? $"waiting for {what}" : null;
}
