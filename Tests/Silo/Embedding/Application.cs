using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Gateway.Hosting;
using Tikr.Publishing.Hosting;
using Tikr.Silo.Hosting;
using Tikr.Storage.RocksDb;
using Tikr.Tests.Support.Memory;

namespace Tikr.Tests.Silo.Embedding;

/// <summary>
/// An application with a silo of its own that adds Tikr as the README says, every setting at its default but ports and folders.
/// </summary>
internal sealed class Application : IAsyncDisposable
{
    /// <summary>A series that is not published.</summary>
    public static readonly SeriesSpec Spec = TestSeries.Model().Spec with { Kafka = null };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tikr-test-");

    /// <param name="spec">The series.</param>
    /// <param name="brokers">Where bars are published; null adds no output.</param>
    /// <param name="configure">What else the application does.</param>
    /// <param name="joins">The silo port of the application whose cluster it joins; null for a cluster of its own.</param>
    public Application(
        SeriesSpec spec, string? brokers = null, Action<WebApplicationBuilder>? configure = null, int? joins = null)
    {
        SiloPort = FreePort.Take();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IReadOnlyList<SeriesModel>>([new SeriesModel(spec)]);
        builder.Services.AddTikrRocksDb(store => store.DataDir = _folder.FullName);
        if (brokers is not null) builder.Services.AddTikrKafkaOutput(kafka => kafka.Brokers = brokers);
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering(SiloPort, FreePort.Take(), joins is { } port ? new IPEndPoint(IPAddress.Loopback, port) : null)
            .Configure<EndpointOptions>(endpoints => endpoints.GatewayPort = 0)
            .AddTikrGrains());
        builder.Services.AddTikrGateway(gateway => (gateway.GrpcPort, gateway.HttpPort, gateway.MetricsPort) = (0, 0, 0));
        configure?.Invoke(builder);
        Web = builder.Build();
    }

    public WebApplication Web { get; }

    public int SiloPort { get; }

    public T Get<T>()
        where T : notnull => Web.Services.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Web.StopAsync(CancellationToken.None);
        }
        catch (InvalidOperationException)
        {
            // A silo whose start was refused has nothing to stop, and says so.
        }

        await Web.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
