using System.Globalization;
using System.Text.Json;

namespace Tikr.LoadGenerator.Measuring;

/// <summary>What is known of the server at one instant; NaN where it does not tell.</summary>
/// <param name="CpuSeconds">User and system seconds of the server.</param>
/// <param name="DatabaseCpuSeconds">The same of the database's processes.</param>
/// <param name="AllocatedBytes">Managed memory allocated since its start.</param>
/// <param name="PauseSeconds">Time that the garbage collector stopped it.</param>
/// <param name="TickBytes">What it says its stored ticks take.</param>
/// <param name="FileBytes">Its data files.</param>
internal sealed record ServerReading(
    double CpuSeconds, double DatabaseCpuSeconds, double AllocatedBytes, double PauseSeconds, double TickBytes, double FileBytes);

/// <summary>Reads the server from outside: /proc, its metrics, its debug page, its files. All of it is optional.</summary>
internal sealed class ServerMeter(LoadOptions options) : IDisposable
{
    // The names of .NET's own runtime meter.
    private const string Allocated = "dotnet_gc_heap_total_allocated", Paused = "dotnet_gc_pause_time";

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };

    public void Dispose() => _http.Dispose();

    public async Task<ServerReading> ReadAsync(CancellationToken cancellation)
    {
        var metrics = await TextAsync(options.Metrics, cancellation).ConfigureAwait(false);
        var store = await TextAsync(options.Store, cancellation).ConfigureAwait(false);
        return new ServerReading(
            ProcessMeter.CpuSeconds(options.ServerPid), ProcessMeter.TreeCpuSeconds(options.DatabasePid),
            Metric(metrics, Allocated), Metric(metrics, Paused), TickBytes(store), FileBytes(options.DataFolder));
    }

    /// <summary>Bytes of all files below a folder.</summary>
    public static double FileBytes(string? folder)
    {
        if (folder is null || !Directory.Exists(folder)) return double.NaN;
        var sum = 0L;
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            try
            {
                sum += file.Length;
            }
            catch (FileNotFoundException)
            {
                // Deleted meanwhile, as stores do.
            }
        }

        return sum;
    }

    private static double Metric(string? text, string name)
    {
        var line = text?.Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
        return line is not null && double.TryParse(line.AsSpan(line.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture, out var value)
            ? value : double.NaN;
    }

    private static double TickBytes(string? json)
    {
        if (json is null) return double.NaN;
        using var page = JsonDocument.Parse(json);
        return page.RootElement.TryGetProperty("statistics", out var statistics) && statistics.TryGetProperty("ticks_bytes", out var bytes)
            ? bytes.GetDouble() : double.NaN;
    }

    private async Task<string?> TextAsync(Uri? address, CancellationToken cancellation)
    {
        if (address is null) return null;
        try
        {
            return await _http.GetStringAsync(address, cancellation).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            return null;
        }
    }
}
