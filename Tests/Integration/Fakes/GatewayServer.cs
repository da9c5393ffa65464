using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tikr.Core.Rollup;
using Tikr.Gateway.Hosting;
using Tikr.Gateway.Queries;
using Tikr.Storage;

namespace Tikr.Tests.Integration.Fakes;

/// <summary>A gateway over a store in memory, on free loopback ports, spoken to through real sockets.</summary>
internal sealed class GatewayServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private GatewayServer(WebApplication app, MemoryStore store)
    {
        _app = app;
        Store = store;
        var listeners = app.Services.GetRequiredService<TikrListeners>();
        GrpcPort = listeners.GrpcPort;
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{listeners.HttpPort}") };
        Metrics = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{listeners.MetricsPort}") };
        Channel = GrpcChannel.ForAddress($"http://127.0.0.1:{GrpcPort}", new GrpcChannelOptions { MaxReceiveMessageSize = null });
        Client = new Contracts.Tikr.TikrClient(Channel);
    }

    public MemoryStore Store { get; }

    public int GrpcPort { get; }

    public FakeOpenBars OpenBars => (FakeOpenBars)_app.Services.GetRequiredService<IOpenBars>();

    public GrpcChannel Channel { get; }

    public Contracts.Tikr.TikrClient Client { get; }

    public HttpClient Http { get; }

    public HttpClient Metrics { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<GatewayServer> StartAsync(SeriesPlan? plan = null, Action<IServiceCollection>? configure = null)
    {
        var store = new MemoryStore(plan ?? Market.Plan);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IOpenBars, FakeOpenBars>();
        builder.Services.AddSingleton<ITickStore>(store).AddSingleton<IKeyStore>(store).AddSingleton<IBarStore>(store).AddSingleton<IStoreStatistics>(store);
        builder.Services.AddTikrGateway(options => (options.GrpcPort, options.HttpPort, options.MetricsPort) = (0, 0, 0));
        configure?.Invoke(builder.Services);
        var app = builder.Build();
        app.MapTikr();
        app.Services.GetRequiredService<SeriesDirectory>().Open([store.Series]);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new GatewayServer(app, store);
    }

    public Task StopAsync() => _app.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        Http.Dispose();
        Metrics.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}
