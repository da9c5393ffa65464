namespace Tikr.Tests.Cluster;

/// <summary>Servers of several machines on one database and one Kafka, all of which can fail.</summary>
internal sealed class ServerCluster : IAsyncDisposable
{
    /// <summary>Servers that run between two rounds; one more is there to join.</summary>
    public const int Usual = 3;

    /// <summary>Where bars are published.</summary>
    public const string Topic = "bars";

    private const int TopicPartitions = 8;
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(150);
    private readonly TestNetwork _network;
    private readonly List<ClusterServer> _servers = [];

    private ServerCluster(TestNetwork network, PrivateServer database, string store, MockKafka kafka) =>
        (_network, Database, Store, Kafka) = (network, database, store, kafka);

    public PrivateServer Database { get; }

    /// <summary>How to connect to the servers' database.</summary>
    public string Store { get; }

    public MockKafka Kafka { get; }

    /// <summary>The usual servers, then the one that joins.</summary>
    public IReadOnlyList<ClusterServer> Servers => _servers;

    public IReadOnlyList<ClusterServer> UsualServers => [.. _servers.Take(Usual)];

    public ClusterServer Joiner => _servers[Usual];

    public IEnumerable<ClusterServer> Living => _servers.Where(server => server.IsLiving);

    /// <summary>The living server that was started last.</summary>
    public ClusterServer Youngest => Living.MaxBy(server => server.StartedNs)!;

    /// <summary>Starts the usual servers, one after the other.</summary>
    public static async Task<ServerCluster> StartAsync()
    {
        var network = await TestNetwork.StartAsync();
        PrivateServer? database = null;
        try
        {
            database = await TimescaleServer.StartPrivateAsync("max_connections=300");
            var cluster = new ServerCluster(network, database, await database.CreateDatabaseAsync("tikr"), MockKafka.Start());
            cluster.Kafka.CreateTopic(Topic, TopicPartitions);
            foreach (var name in (string[])["a", "b", "c", "d"]) cluster._servers.Add(await cluster.CreateAsync(name));
            foreach (var server in cluster.UsualServers) await server.BeReadyAsync();
            return cluster;
        }
        catch
        {
            if (database is not null) await database.DisposeAsync();
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>Addresses of the servers that Orleans' membership counts as living.</summary>
    public async Task<IReadOnlyList<string>> LivingInTableAsync() =>
        (await Sql.ScalarAsync<string>(Store, "SELECT string_agg(address, ',') FROM orleansmembershiptable WHERE status <> 6"))
            ?.Split(',') ?? [];

    /// <summary>Ends every fault; afterwards exactly the usual servers run, those that had ended started anew.</summary>
    public async Task RestoreAsync()
    {
        foreach (var server in _servers)
        {
            server.Database.Heal();
            server.SetClockOffset(TimeSpan.Zero);
            if (server.IsSuspended) server.Resume();
        }

        if (Joiner.HasProcess) await Joiner.Silo.StopAsync(StartPatience);
        // One that the others have declared dead says that it is ready until it hears of it.
        await Eventually.HoldsAsync($"the {Usual} usual servers are ready", StartPatience, async () =>
        {
            foreach (var server in UsualServers.Where(server => !server.HasProcess)) server.Launch();
            foreach (var server in UsualServers)
            {
                if (await server.NotReadyReasonAsync() is { } reason) return $"{server.Name}: {reason}";
            }

            var (living, usual) = ((await LivingInTableAsync()).Order(), UsualServers.Select(server => server.Machine.Address).Order());
            return living.SequenceEqual(usual) ? null : $"the membership has {string.Join(", ", living)}";
        });
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers) await server.DisposeAsync();
        Kafka.Dispose();
        await Database.DisposeAsync();
        await _network.DisposeAsync();
    }

    private Task<ClusterServer> CreateAsync(string name) =>
        ClusterServer.CreateAsync(name, _network, Database.Endpoint, Store, Kafka, new SiloOptions
        {
            StartTimeout = StartPatience,
            Specs = new Dictionary<string, string> { ["market_ticks.yaml"] = Spec() },
            Environment = new Dictionary<string, string>
            {
                // The mock does not check sequence numbers, by which brokers keep requests in order that overtake each other.
                ["TIKR_KAFKA_SETTINGS"] = "max.in.flight=1,reconnect.backoff.max.ms=500,retry.backoff.max.ms=500",
            },
        });

    private static string Spec()
    {
        var shipped = File.ReadAllText(Path.Combine(Repository.Specs, "market_ticks.yaml"));
        var output = shipped.IndexOf("output:", StringComparison.Ordinal);
        return $"{shipped[..output]}output:\n  kafka:\n    topic: {Topic}\n    on_failure: spool\n";
    }
}
