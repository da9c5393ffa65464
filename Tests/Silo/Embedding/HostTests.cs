using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using Tikr.Gateway.Grpc;
using Tikr.Gateway.Hosting;
using Tikr.Silo.Hosting;
using GrpcServiceOptions = Grpc.AspNetCore.Server.GrpcServiceOptions;

namespace Tikr.Tests.Silo.Embedding;

/// <summary>Whoever embeds a gateway keeps the host.</summary>
public sealed class HostTests
{
    private const int Windows = 200_000;

    [Fact]
    public async Task Limits_of_Kestrel_stay_the_applications()
    {
        await using var application = new Application(Application.Spec, configure: builder => builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.Http2.InitialStreamWindowSize = Windows;
            kestrel.Limits.Http2.InitialConnectionWindowSize = Windows;
            kestrel.Limits.Http2.MaxStreamsPerConnection = 7;
        }));
        var (kestrel, defaults) = (application.Get<IOptions<KestrelServerOptions>>().Value, new KestrelServerOptions());
        Assert.Equal(Windows, kestrel.Limits.Http2.InitialStreamWindowSize);
        Assert.Equal(Windows, kestrel.Limits.Http2.InitialConnectionWindowSize);
        Assert.Equal(7, kestrel.Limits.Http2.MaxStreamsPerConnection);
        Assert.Equal(defaults.Limits.Http2.KeepAlivePingDelay, kestrel.Limits.Http2.KeepAlivePingDelay);
        Assert.Equal(defaults.Limits.MinResponseDataRate!.BytesPerSecond, kestrel.Limits.MinResponseDataRate!.BytesPerSecond);
        Assert.Equal(defaults.AddServerHeader, kestrel.AddServerHeader);
    }

    [Fact]
    public async Task The_memory_pool_stays_the_applications()
    {
        await using var plain = WebApplication.CreateSlimBuilder().Build();
        await using var application = new Application(Application.Spec);
        var expected = plain.Services.GetRequiredService<IMemoryPoolFactory<byte>>().GetType();
        Assert.Equal(expected, application.Get<IMemoryPoolFactory<byte>>().GetType());
    }

    [Fact]
    public async Task Message_limits_are_set_for_Tikrs_service_alone()
    {
        await using var application = new Application(Application.Spec);
        var (all, ours) = (application.Get<IOptions<GrpcServiceOptions>>().Value,
            application.Get<IOptions<global::Grpc.AspNetCore.Server.GrpcServiceOptions<TikrService>>>().Value);
        var plain = new ServiceCollection().AddGrpc().Services.BuildServiceProvider();
        var defaults = plain.GetRequiredService<IOptions<GrpcServiceOptions>>().Value;
        Assert.Equal((defaults.MaxReceiveMessageSize, defaults.MaxSendMessageSize), (all.MaxReceiveMessageSize, all.MaxSendMessageSize));
        Assert.Equal((16 << 20, 16 << 20), (ours.MaxReceiveMessageSize, ours.MaxSendMessageSize));
    }

    [Fact]
    public async Task Metrics_of_the_application_are_its_own()
    {
        await using var application = new Application(Application.Spec);
        Assert.Null(application.Web.Services.GetService<MeterProvider>());
    }

    [Fact]
    public async Task A_page_of_the_application_answers_on_its_listener_and_Tikrs_on_Tikrs()
    {
        var port = FreePort.Take();
        await using var application = new Application(
            Application.Spec, configure: builder => builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port)));
        application.Web.MapGet("/healthz", () => "application");
        application.Web.MapTikr();
        await application.Web.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient();
        var own = await client.GetStringAsync($"http://127.0.0.1:{port}/healthz", TestContext.Current.CancellationToken);
        var tikrs = await client.GetStringAsync(
            $"http://127.0.0.1:{application.Get<TikrListeners>().HttpPort}/healthz", TestContext.Current.CancellationToken);
        Assert.Equal(("application", "ok\n"), (own, tikrs));
    }
}
