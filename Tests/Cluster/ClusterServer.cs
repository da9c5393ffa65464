using System.Globalization;

namespace Tikr.Tests.Cluster;

/// <summary>A server on a machine of its own: a network namespace, with ways to database and brokers that can fail.</summary>
internal sealed class ClusterServer : IAsyncDisposable
{
    private const int SiloPort = 11111;
    private static readonly Ports FixedPorts = new(9876, 9877, 9878);
    private readonly SiloOptions _options;
    private readonly FaultProxy _kafka;
    private readonly SteppedClock _clock;
    private SiloProcess? _silo;

    private ClusterServer(
        string name, TestMachine machine, FaultProxy database, FaultProxy kafka, SteppedClock clock, SiloOptions options) =>
        (Name, Machine, Database, _kafka, _clock, _options) = (name, machine, database, kafka, clock, options);

    public string Name { get; }

    public TestMachine Machine { get; }

    /// <summary>Its way to the database.</summary>
    public FaultProxy Database { get; }

    /// <summary>Whether its process runs and is not suspended.</summary>
    public bool IsLiving => _silo is { Program.HasExited: false } && !IsSuspended;

    /// <summary>Whether there is a process, suspended or not.</summary>
    public bool HasProcess => _silo is { Program.HasExited: false };

    public bool IsSuspended { get; private set; }

    /// <summary>When its process was started last.</summary>
    public long StartedNs { get; private set; }

    public TikrClient Client => (_silo ?? throw new IOException($"{Name} was never started.")).Client;

    public SiloProcess Silo => _silo ?? throw new InvalidOperationException($"{Name} was never started.");

    public static async Task<ClusterServer> CreateAsync(
        string name, TestNetwork network, (string Host, int Port) database, string store, MockKafka kafka, SiloOptions options)
    {
        var machine = await network.AddAsync();
        var clock = new SteppedClock();
        var broker = kafka.BootstrapServers.Split(':');
        return new ClusterServer(
            name,
            machine,
            FaultProxy.Start(database.Host, database.Port, clients: machine.Namespace),
            FaultProxy.Start(broker[0], int.Parse(broker[1], CultureInfo.InvariantCulture), clients: machine.Namespace),
            clock,
            options with
            {
                Name = $"cluster-{name}",
                Database = Sql.Through(store, "127.0.0.1", database.Port),
                Host = machine.Address,
                Ports = FixedPorts,
                Runner = machine.Namespace.Runner,
                Environment = new Dictionary<string, string>(options.Environment.Concat(clock.Environment))
                {
                    ["TIKR_CLUSTER_ADDRESS"] = machine.Address,
                    ["TIKR_CLUSTER_SILO_PORT"] = SiloPort.ToString(CultureInfo.InvariantCulture),
                    ["TIKR_KAFKA_BROKERS"] = kafka.BootstrapServers,
                },
            });
    }

    /// <summary>Starts its process without waiting for it to be ready.</summary>
    public void Launch()
    {
        StartedNs = WallClock.NowNs;
        if (_silo is null) _silo = SiloProcess.Begin(_options);
        else _silo.Launch();
    }

    /// <summary>Starts its process if it has ended, and waits until it is ready.</summary>
    public async Task BeReadyAsync()
    {
        if (!HasProcess) Launch();
        await Silo.WaitUntilReadyAsync();
    }

    /// <summary>Null when its process runs and says that it is ready.</summary>
    public async Task<string?> NotReadyReasonAsync()
    {
        if (!HasProcess) return "ended";
        try
        {
            var (ready, text) = await Silo.ReadinessAsync();
            return ready ? null : text;
        }
        catch (Exception silent) when (silent is HttpRequestException or TaskCanceledException)
        {
            return silent.Message;
        }
    }

    /// <summary>What a page of its HTTP port answers.</summary>
    public async Task<string> GetAsync(string path)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri(Silo.HttpAddress + path));
    }

    /// <summary>How far its wall clock is ahead, from about a second later on; where libfaketime is installed.</summary>
    public void SetClockOffset(TimeSpan offset) => _clock.Set(offset);

    public async Task KillAsync()
    {
        await Silo.KillAsync();
        IsSuspended = false;
    }

    public void Suspend()
    {
        IsSuspended = true;
        Silo.Program.Suspend();
    }

    public void Resume()
    {
        IsSuspended = false;
        Silo.Program.Resume();
    }

    public async ValueTask DisposeAsync()
    {
        if (_silo is not null) await _silo.DisposeAsync();
        await Database.DisposeAsync();
        await _kafka.DisposeAsync();
        _clock.Dispose();
    }
}
