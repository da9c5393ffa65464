namespace Tikr.Tests.Cluster.Events;

/// <summary>Nothing happens: what the load alone does.</summary>
internal sealed class Calm : ClusterEvent
{
    public override string Name => "calm";

    public override Task BeginAsync(ServerCluster cluster, Random random) => Task.CompletedTask;
}

internal sealed class KillAny : ClusterEvent
{
    public override string Name => "SIGKILL any";

    public override Task BeginAsync(ServerCluster cluster, Random random) => AnyOf(cluster.Living, random).KillAsync();
}

internal sealed class KillYoungest : ClusterEvent
{
    public override string Name => "SIGKILL youngest";

    public override Task BeginAsync(ServerCluster cluster, Random random) => cluster.Youngest.KillAsync();
}

internal sealed class KillTwo : ClusterEvent
{
    public override string Name => "SIGKILL two of three";

    public override async Task BeginAsync(ServerCluster cluster, Random random)
    {
        await AnyOf(cluster.Living, random).KillAsync();
        await AnyOf(cluster.Living, random).KillAsync();
    }
}

/// <summary>All die; one starts again, alone, on what they left.</summary>
internal sealed class KillAll : ClusterEvent
{
    public override string Name => "SIGKILL all, one starts";

    public override async Task BeginAsync(ServerCluster cluster, Random random)
    {
        var first = AnyOf(cluster.Living, random);
        foreach (var server in cluster.Living.ToList()) await server.KillAsync();
        first.Launch();
    }
}

/// <summary>A killed server is back under its address before anybody has noticed.</summary>
internal sealed class ReuseAddress : ClusterEvent
{
    public override string Name => "SIGKILL, same address at once";

    public override async Task BeginAsync(ServerCluster cluster, Random random)
    {
        var server = AnyOf(cluster.Living, random);
        await server.KillAsync();
        server.Launch();
    }
}

internal sealed class Terminate : ClusterEvent
{
    public override string Name => "SIGTERM";

    public override Task BeginAsync(ServerCluster cluster, Random random) =>
        AnyOf(cluster.Living, random).Silo.StopAsync(TimeSpan.FromSeconds(60));
}

internal sealed class Join : ClusterEvent
{
    public override string Name => "join";

    public override Task BeginAsync(ServerCluster cluster, Random random) => cluster.Joiner.BeReadyAsync();
}

/// <summary>Each server in turn is stopped and started again.</summary>
internal sealed class RollingRestart : ClusterEvent
{
    public override string Name => "rolling restart";

    public override async Task BeginAsync(ServerCluster cluster, Random random)
    {
        foreach (var server in cluster.UsualServers)
        {
            await server.Silo.StopAsync(TimeSpan.FromSeconds(60));
            await server.BeReadyAsync();
        }
    }
}
