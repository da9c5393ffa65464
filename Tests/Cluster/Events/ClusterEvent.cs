namespace Tikr.Tests.Cluster.Events;

/// <summary>Something that happens to a cluster under load.</summary>
internal abstract class ClusterEvent
{
    /// <summary>As it is called in the summary.</summary>
    public abstract string Name { get; }

    /// <summary>Whether this machine can make it happen.</summary>
    public virtual bool IsPossible => true;

    /// <summary>
    /// Makes it happen; returns when bars should begin to heal. What is broken then stays so until they are checked, and nobody restarts
    /// anything.
    /// </summary>
    public abstract Task BeginAsync(ServerCluster cluster, Random random);

    /// <summary>Ends what only this event can end, after <see cref="StaysFor"/> and the first check.</summary>
    public virtual Task EndAsync(ServerCluster cluster) => Task.CompletedTask;

    /// <summary>How long it lasts at least.</summary>
    public virtual TimeSpan StaysFor => TimeSpan.Zero;

    /// <summary>The server that it happens to, whose answers may be late; null where all or none are concerned.</summary>
    public ClusterServer? Concerned { get; protected set; }

    protected static ClusterServer AnyOf(IEnumerable<ClusterServer> servers, Random random)
    {
        var list = servers.OrderBy(server => server.Name, StringComparer.Ordinal).ToList();
        return list[random.Next(list.Count)];
    }
}
