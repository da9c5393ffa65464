namespace Tikr.Orleans.Postgres.Membership;

/// <summary>
/// Tells which silos have died by watching whether their heartbeats change. No clock is compared with another machine's: what counts is the
/// time for which this silo itself has watched.
/// </summary>
/// <param name="timeout">For how long a heartbeat may stand still.</param>
internal sealed class HeartbeatJudge(TimeSpan timeout)
{
    private readonly Dictionary<SiloAddress, Watched> _watched = [];
    private TimeSpan? _lastLook;

    /// <summary>
    /// Looks at the heartbeats as they are now, and returns those that have stood still for too long, with the time for which they have.
    /// </summary>
    /// <param name="heartbeats">Every other silo that counts as living, with its heartbeat.</param>
    /// <param name="now">Monotonic time.</param>
    public IReadOnlyList<(SiloAddress Silo, TimeSpan Still)> Look(
        IReadOnlyCollection<(SiloAddress Silo, DateTime Heartbeat)> heartbeats, TimeSpan now)
    {
        // Whoever did not look cannot tell: this process may have hung, or the database may have been away for all.
        if (_lastLook is { } last && now - last > timeout / 2) _watched.Clear();
        _lastLook = now;
        foreach (var gone in _watched.Keys.Except(heartbeats.Select(one => one.Silo)).ToList()) _watched.Remove(gone);
        foreach (var (silo, heartbeat) in heartbeats)
        {
            if (!_watched.TryGetValue(silo, out var known) || known.Heartbeat != heartbeat) _watched[silo] = new Watched(heartbeat, now);
        }

        return [.. _watched.Where(one => now - one.Value.Since >= timeout).Select(one => (one.Key, now - one.Value.Since))];
    }

    /// <summary>Those whose heartbeat has not changed since they are watched.</summary>
    public IEnumerable<SiloAddress> Still(TimeSpan now, TimeSpan longerThan) =>
        _watched.Where(one => now - one.Value.Since > longerThan).Select(one => one.Key);

    private readonly record struct Watched(DateTime Heartbeat, TimeSpan Since);
}
