using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tikr.Core.Delivery;
using Tikr.Core.Rollup;
using Tikr.Gateway.Hosting;
using Tikr.Storage;

namespace Tikr.Tests.Gateway.Fakes;

/// <summary>A gateway over a store in memory, on free loopback ports, spoken to through real sockets.</summary>
internal sealed class GatewayServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private GatewayServer(WebApplication app, FilledStore store)
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

    public FilledStore Store { get; }

    public int GrpcPort { get; }

    public FakeOpenBars OpenBars => (FakeOpenBars)_app.Services.GetRequiredService<IOpenBars>();

    public GrpcChannel Channel { get; }

    public Contracts.Tikr.TikrClient Client { get; }

    public HttpClient Http { get; }

    public HttpClient Metrics { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>Completes when the server is up; earlier than that only a server that was started with <c>until</c> can be had.</summary>
    public Task Started { get; private init; } = Task.CompletedTask;

    /// <param name="model">The series.</param>
    /// <param name="configure">Replaces what a test wants replaced.</param>
    /// <param name="until">What to wait for instead of the end of the start.</param>
    public static async Task<GatewayServer> StartAsync(
        SeriesModel? model = null, Action<IServiceCollection>? configure = null, Task? until = null)
    {
        var store = new FilledStore(model ?? Market.Model);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IOpenBars, FakeOpenBars>()
            .AddSingleton<IRecovery, NoGrains>().AddSingleton<IPartialRouter, NoGrains>().AddSingleton<ICluster, NoGrains>();
        builder.Services.AddSingleton<IReadOnlyList<SeriesModel>>([store.Series.Model]).AddSingleton<ISeriesCatalog>(store.Memory);
        builder.Services.AddSingleton<ITickStore>(store.Memory).AddSingleton<IKeyStore>(store.Memory)
            .AddSingleton<IBarStore>(store.Memory).AddSingleton<IStoreStatistics>(store.Memory);
        builder.Services.AddTikrGateway(options => (options.GrpcPort, options.HttpPort, options.MetricsPort) = (0, 0, 0))
            .TuneKestrelForTikr();
        configure?.Invoke(builder.Services);
        var app = builder.Build();
        app.MapTikr();
        var started = app.StartAsync(TestContext.Current.CancellationToken);
        await await Task.WhenAny(until ?? started, started);
        return new GatewayServer(app, store) { Started = started };
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
