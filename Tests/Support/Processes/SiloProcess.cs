using System.Globalization;
using Grpc.Net.Client;

namespace Tikr.Tests.Support.Processes;

/// <summary>A real server process on free ports, with its data in a folder of its own.</summary>
public sealed class SiloProcess : IAsyncDisposable
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly SiloOptions _options;
    private readonly string _folder;
    private readonly bool _ownsFolder;
    private readonly int _siloPort = Ports.Free().Http;
    private GrpcChannel _channel;

    private SiloProcess(SiloOptions options, string folder, bool ownsFolder)
    {
        (_options, _folder, _ownsFolder) = (options, folder, ownsFolder);
        (Ports, Program, _channel) = (null!, null!, null!);
    }

    /// <summary>Where it listens.</summary>
    public Ports Ports { get; private set; }

    /// <summary>The process.</summary>
    public ProgramProcess Program { get; private set; }

    /// <summary>The client of its protocol.</summary>
    public TikrClient Client => new(_channel);

    /// <summary>The gRPC address.</summary>
    public string Address => $"http://{_options.Host}:{Ports.Grpc}";

    /// <summary>A base address for health and debug.</summary>
    public string HttpAddress => $"http://{_options.Host}:{Ports.Http}";

    /// <summary>Starts a server and waits until it is ready.</summary>
    public static async Task<SiloProcess> StartAsync(SiloOptions? options = null)
    {
        var silo = Begin(options ?? new SiloOptions());
        await silo.WaitUntilReadyAsync().ConfigureAwait(false);
        return silo;
    }

    /// <summary>Starts a server without waiting for it to be ready.</summary>
    public static SiloProcess Begin(SiloOptions options)
    {
        var silo = new SiloProcess(options, options.DataFolder ?? Repository.NewFolder(options.Name), options.DataFolder is null);
        silo.Launch();
        return silo;
    }

    /// <summary>Starts a server that is expected to refuse to start, and returns its exit code and output.</summary>
    public static async Task<(int ExitCode, string Output)> StartRefusedAsync(SiloOptions options, TimeSpan timeout)
    {
        await using var silo = new SiloProcess(options, Repository.NewFolder(options.Name), ownsFolder: true);
        silo.Launch();
        var code = await silo.Program.WaitForExitAsync(timeout).ConfigureAwait(false);
        return (code, silo.Program.Output);
    }

    /// <summary>A connection of its own, for tests about connections.</summary>
    public GrpcChannel NewChannel() =>
        GrpcChannel.ForAddress(Address, new GrpcChannelOptions { MaxReceiveMessageSize = null, MaxSendMessageSize = null });

    /// <summary>SIGKILL.</summary>
    public Task KillAsync() => Program.KillAsync();

    /// <summary>SIGTERM, and the exit code when it has ended within the time.</summary>
    public Task<int> StopAsync(TimeSpan timeout)
    {
        Program.Terminate();
        return Program.WaitForExitAsync(timeout);
    }

    /// <summary>Starts the ended server again on the same data, without waiting for it to be ready.</summary>
    public void Launch()
    {
        _channel?.Dispose();
        Program?.Dispose();
        Ports = _options.Ports ?? Ports.Free();
        _channel = NewChannel();
        var config = SiloConfiguration.Write(_folder, Ports, _options);
        string[] command = [.. _options.Runner, "dotnet", Repository.SiloDll, "--config", config];
        Program = ProgramProcess.Start(command[0], command[1..], Environment(), LogFile());
    }

    /// <summary>Starts the ended server again on the same data and waits until it is ready.</summary>
    public Task RestartAsync()
    {
        Launch();
        return WaitUntilReadyAsync();
    }

    /// <summary>Waits for <c>/readyz</c>.</summary>
    public Task WaitUntilReadyAsync() => Eventually.HoldsAsync($"{_options.Name} is ready", _options.StartTimeout, async () =>
    {
        if (Program.HasExited) throw new InvalidOperationException($"{_options.Name} ended with {Program.ExitCode}:\n{Program.Output}");
        try
        {
            using var answer = await Http.GetAsync(new Uri($"{HttpAddress}/readyz")).ConfigureAwait(false);
            return answer.IsSuccessStatusCode ? null : $"/readyz answers {(int)answer.StatusCode}\n{Program.Output}";
        }
        catch (Exception refused) when (refused is HttpRequestException or TaskCanceledException)
        {
            return refused.Message + "\n" + Program.Output;
        }
    });

    /// <summary>What <c>/readyz</c> says now.</summary>
    public async Task<(bool Ready, string Text)> ReadinessAsync()
    {
        using var answer = await Http.GetAsync(new Uri($"{HttpAddress}/readyz")).ConfigureAwait(false);
        return (answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync().ConfigureAwait(false));
    }

    /// <summary>What Prometheus would read now.</summary>
    public async Task<Metrics> MetricsAsync() =>
        Metrics.Parse(await Http.GetStringAsync(new Uri($"http://{_options.Host}:{Ports.Metrics}/metrics")).ConfigureAwait(false));

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _channel?.Dispose();
        Program?.Dispose();
        if (_ownsFolder) Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    // The same silo port after every start: a silo that comes back under its address is taken for the dead one's successor at once.
    private Dictionary<string, string> Environment()
    {
        var environment = _options.Environment.ToDictionary();
        if (_options.Database is not { } database) return environment;
        environment["TIKR_STORAGE_BACKEND"] = "timescale";
        environment["TIKR_STORAGE_TIMESCALE_CONNECTION_STRING"] = database;
        environment.TryAdd("TIKR_CLUSTER_SILO_PORT", _siloPort.ToString(CultureInfo.InvariantCulture));
        return environment;
    }

    private string LogFile()
    {
        var logs = Path.Combine(Repository.Root, "artifacts", "test-logs");
        Directory.CreateDirectory(logs);
        return Path.Combine(logs, $"{_options.Name}-{Ports.Grpc}.log");
    }
}
