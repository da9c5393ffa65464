using System.Diagnostics;

namespace Tikr.Benchmarks.KafkaRates;

/// <summary>This program once more, as the broker.</summary>
internal sealed class BrokerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private BrokerProcess(Process process, string address) => (_process, Address) = (process, address);

    /// <summary>Where it listens.</summary>
    public string Address { get; }

    /// <summary>Processor time that it has taken so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static async Task<BrokerProcess> StartAsync(params (string Name, int Partitions)[] topics)
    {
        string[] arguments = [typeof(Broker).Assembly.Location, "broker", "--seconds", "3600",
            .. topics.SelectMany(topic => new[] { "--topic", $"{topic.Name}:{topic.Partitions}" })];
        var process = Process.Start(
            new ProcessStartInfo("dotnet", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        var address = await process.StandardOutput.ReadLineAsync().ConfigureAwait(false);
        return new BrokerProcess(process, address ?? throw new InvalidOperationException("The broker ended before it listened."));
    }

    public async ValueTask DisposeAsync()
    {
        await _process.StandardInput.WriteLineAsync("end").ConfigureAwait(false);
        await _process.StandardInput.FlushAsync().ConfigureAwait(false);
        await _process.WaitForExitAsync().ConfigureAwait(false);
        _process.Dispose();
    }
}
