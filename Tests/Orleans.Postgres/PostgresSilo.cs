using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Tikr.Orleans.Postgres;
using Tikr.Tests.Support;
using Tikr.Tests.Support.Processes;

namespace Tikr.Tests.Orleans.Postgres;

/// <summary>A silo of this process on a database.</summary>
internal sealed class PostgresSilo : IAsyncDisposable
{
    private readonly IHost _host;

    private PostgresSilo(IHost host) => _host = host;

    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    public IServiceProvider Services => _host.Services;

    public string Address => Services.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString();

    /// <summary>How many active silos it sees.</summary>
    public int ActiveSilos =>
        Services.GetRequiredService<IClusterMembershipService>().CurrentSnapshot.Members.Values.Count(
            member => member.Status == SiloStatus.Active);

    public static async Task<PostgresSilo> StartAsync(
        string connectionString, string cluster = "test", Action<ISiloBuilder>? configure = null, ILoggerProvider? log = null, int port = 0)
    {
        var ports = Ports.Free();
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        if (log is not null) builder.Logging.AddProvider(log).SetMinimumLevel(LogLevel.Trace);
        builder.UseOrleans(silo =>
        {
            silo.UseTikrPostgres(connectionString, options => options.StartTimeout = TimeSpan.FromSeconds(1));
            silo.ConfigureEndpoints(IPAddress.Loopback, port == 0 ? ports.Grpc : port, ports.Http);
            silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (cluster, "notes"));
            configure?.Invoke(silo);
        });
        var host = builder.Build();
        try
        {
            await host.StartAsync(TestContext.Current.CancellationToken);
            return new PostgresSilo(host);
        }
        catch
        {
            // A silo that never ran has nothing to stop.
            host.Dispose();
            throw;
        }
    }

    public Task SeesAsync(int silos) => Eventually.HoldsAsync(
        $"{silos} active silos are seen", TimeSpan.FromSeconds(60), () =>
            Task.FromResult(ActiveSilos == silos ? null : $"{ActiveSilos} silos"));

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }
}
