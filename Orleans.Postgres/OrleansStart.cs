namespace Tikr.Orleans.Postgres;

/// <summary>What a silo that starts on PostgreSQL waits for, for pages about readiness.</summary>
public sealed class OrleansStart
{
    private volatile string? _waitingFor;

    /// <summary>What it waits for now, for people; null for nothing, and once the silo is active.</summary>
    public string? WaitingFor
    {
        get => _waitingFor;
        internal set => _waitingFor = value;
    }
}
