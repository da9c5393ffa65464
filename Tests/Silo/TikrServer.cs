using System.Net;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tikr.Core.Configuration;
using Tikr.Core.Specs;
using Tikr.Gateway.Hosting;
using Tikr.Silo.Hosting;

namespace Tikr.Tests.Silo;

/// <summary>
/// A whole node in this process: silo, embedded store, grains and gateway, on free loopback ports and a folder of its own.
/// </summary>
internal sealed class TikrServer : IAsyncDisposable
{
    public const string MarketYaml = """
        series: market_ticks
        dimensions:
          - { name: symbol, type: string }
        metrics:
          - { name: open, field: price, type: int64, aggregation: first }
          - { name: high, field: price, type: int64, aggregation: max }
          - { name: low, field: price, type: int64, aggregation: min }
          - { name: close, field: price, type: int64, aggregation: last }
          - { name: volume, field: quantity, type: uint64, aggregation: sum }
          - { name: tick_count, type: uint64, aggregation: count }
        granularity:
          rollup: 1s
        """;

    private readonly WebApplication _app;
    private readonly string? _ownFolder;

    private TikrServer(WebApplication app, string? ownFolder)
    {
        _app = app;
        _ownFolder = ownFolder;
        var listeners = app.Services.GetRequiredService<TikrListeners>();
        Address = $"http://127.0.0.1:{listeners.GrpcPort}";
        Channel = GrpcChannel.ForAddress(Address, new GrpcChannelOptions { MaxReceiveMessageSize = null, MaxSendMessageSize = null });
        Client = new Contracts.Tikr.TikrClient(Channel);
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{listeners.HttpPort}") };
        Metrics = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{listeners.MetricsPort}") };
    }

    /// <summary>gRPC address.</summary>
    public string Address { get; }

    public GrpcChannel Channel { get; }

    public Contracts.Tikr.TikrClient Client { get; }

    public HttpClient Http { get; }

    public HttpClient Metrics { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>Starts a node; it is ready when this returns.</summary>
    /// <param name="specs">Spec files as YAML; the market series if none.</param>
    /// <param name="dataFolder">Folder of the data, kept afterwards; null for one that is deleted with the server.</param>
    /// <param name="adjust">Changes services before the start.</param>
    /// <param name="otlp">Where its metrics are sent; nowhere if null.</param>
    public static async Task<TikrServer> StartAsync(
        string[]? specs = null, string? dataFolder = null, Action<IServiceCollection>? adjust = null, OtlpSettings? otlp = null)
    {
        var ownFolder = dataFolder is null ? Directory.CreateTempSubdirectory("tikr-test-").FullName : null;
        var parsed = SpecParser.Parse((specs ?? [MarketYaml]).Select((text, i) => new SpecFile($"spec{i}.yaml", text)));
        Assert.Empty(parsed.Errors);
        var day = new TierSettings(TimeSpan.FromHours(24), 10 * TierSettings.Gigabyte);
        var configuration = new TikrConfiguration
        {
            Server = new ServerSettings { Bind = IPAddress.Loopback, GrpcPort = 0, HttpPort = 0 },
            Storage = new StorageSettings { DataDir = ownFolder ?? dataFolder!, Ticks = day, Rollup = day },
            Telemetry = new TelemetrySettings { Prometheus = new PrometheusSettings { Port = 0 }, Otlp = otlp ?? new OtlpSettings() },
        };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.AddTikrSilo(configuration, parsed.Specs);
        adjust?.Invoke(builder.Services);
        var app = builder.Build();
        app.MapTikr();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new TikrServer(app, ownFolder);
    }

    public Task StopAsync() => _app.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        Http.Dispose();
        Metrics.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        if (_ownFolder is not null) Directory.Delete(_ownFolder, recursive: true);
    }
}
