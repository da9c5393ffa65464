namespace Tikr.Tests.Cluster.Events;

/// <summary>A server hangs with all its connections open, and then goes on as if no time had passed.</summary>
internal sealed class Hang(TimeSpan time) : ClusterEvent
{
    public override string Name => $"SIGSTOP {time.TotalSeconds:0} s, SIGCONT";

    public override TimeSpan StaysFor => time;

    public override Task BeginAsync(ServerCluster cluster, Random random)
    {
        Concerned = AnyOf(cluster.Living, random);
        Concerned.Suspend();
        return Task.CompletedTask;
    }

    public override Task EndAsync(ServerCluster cluster)
    {
        Concerned?.Resume();
        return Task.CompletedTask;
    }
}

/// <summary>Packets between one server and the others vanish; clients and database reach all.</summary>
internal sealed class CutBetweenServers(TimeSpan time) : ClusterEvent
{
    public override string Name => $"cut between servers, {time.TotalSeconds:0} s";

    public override TimeSpan StaysFor => time;

    public override async Task BeginAsync(ServerCluster cluster, Random random)
    {
        Concerned = AnyOf(cluster.Living, random);
        foreach (var other in Others(cluster)) await Concerned.Machine.CutAsync(other.Machine);
    }

    public override async Task EndAsync(ServerCluster cluster)
    {
        foreach (var other in Others(cluster)) await Concerned!.Machine.HealAsync(other.Machine);
    }

    private IEnumerable<ClusterServer> Others(ServerCluster cluster) => cluster.Servers.Where(server => server != Concerned);
}

/// <summary>Two servers do not reach each other; the third reaches both.</summary>
internal sealed class CutBetweenTwo(TimeSpan time) : ClusterEvent
{
    private ClusterServer? _one, _two;

    public override string Name => $"cut between two, {time.TotalSeconds:0} s";

    public override TimeSpan StaysFor => time;

    public override Task BeginAsync(ServerCluster cluster, Random random)
    {
        _one = AnyOf(cluster.Living, random);
        _two = AnyOf(cluster.Living.Where(server => server != _one), random);
        return _one.Machine.CutAsync(_two.Machine);
    }

    public override Task EndAsync(ServerCluster cluster) => _one!.Machine.HealAsync(_two!.Machine);
}

/// <summary>What a server and its database send to each other vanishes.</summary>
internal sealed class CutFromDatabase(TimeSpan time) : ClusterEvent
{
    public override string Name => $"cut from the database, {time.TotalSeconds:0} s";

    public override TimeSpan StaysFor => time;

    public override Task BeginAsync(ServerCluster cluster, Random random)
    {
        Concerned = AnyOf(cluster.Living, random);
        Concerned.Database.Blackhole();
        return Task.CompletedTask;
    }

    public override Task EndAsync(ServerCluster cluster)
    {
        Concerned?.Database.Heal();
        return Task.CompletedTask;
    }
}

/// <summary>One server's cable takes 200 kbit/s, and its database answers 100 ms later.</summary>
internal sealed class SlowLink(TimeSpan time) : ClusterEvent
{
    public override string Name => $"slow links, {time.TotalSeconds:0} s";

    public override TimeSpan StaysFor => time;

    public override Task BeginAsync(ServerCluster cluster, Random random)
    {
        Concerned = AnyOf(cluster.Living, random);
        Concerned.Database.Latency = TimeSpan.FromMilliseconds(50);
        return Concerned.Machine.SlowDownAsync(kilobits: 200);
    }

    public override Task EndAsync(ServerCluster cluster)
    {
        Concerned!.Database.Heal();
        return Concerned.Machine.SpeedUpAsync();
    }
}

/// <summary>PostgreSQL is killed and started again.</summary>
internal sealed class KillDatabase : ClusterEvent
{
    public override string Name => "SIGKILL of PostgreSQL";

    public override async Task BeginAsync(ServerCluster cluster, Random random)
    {
        await cluster.Database.KillAsync();
        await Eventually.ClockPassesAsync(WallClock.NowNs + random.NextInt64(3 * WallClock.Second));
        await cluster.Database.RestartAsync();
    }
}

/// <summary>One server's wall clock is off by up to two seconds, either way.</summary>
internal sealed class ClockOffset : ClusterEvent
{
    public override string Name => "clock offset";

    public override bool IsPossible => SteppedClock.IsThere;

    public override TimeSpan StaysFor => TimeSpan.FromSeconds(10);

    public override Task BeginAsync(ServerCluster cluster, Random random)
    {
        AnyOf(cluster.Living, random).SetClockOffset(TimeSpan.FromMilliseconds(random.Next(-2000, 2000)));
        return Task.CompletedTask;
    }
}
