using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using Tikr.Contracts;
using Tikr.Core.Configuration;
using Tikr.Core.Time;
using Tikr.Gateway.Hosting;

namespace Tikr.Tests.Silo;

public sealed class OtlpTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(OtlpProtocol.HttpProtobuf, "base/", "/base/v1/metrics")]
    [InlineData(OtlpProtocol.Grpc, "", "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export")]
    public async Task A_node_sends_its_metrics_where_it_is_told(OtlpProtocol protocol, string below, string path)
    {
        var received = Channel.CreateUnbounded<(string Path, byte[] Body)>();
        await using var collector = await CollectorAsync(protocol, received.Writer);
        await using var server = await TikrServer.StartAsync(
            otlp: new OtlpSettings { Endpoint = new Uri($"{collector.Urls.Single()}/{below}"), Protocol = protocol });
        using (var call = server.Client.IngestTicks(cancellationToken: Stop))
        {
            var tick = new TickData { TimestampNs = (ulong)TimeProvider.System.GetUnixNanoseconds(), Dimensions = { ["symbol"] = "AAPL" } };
            await call.RequestStream.WriteAsync(new IngestRequest { Series = "market_ticks", Ticks = { tick } }, Stop);
            await call.RequestStream.CompleteAsync();
            await call.ResponseAsync;
        }

        // Instead of waiting for the minute to be over.
        _ = server.Services.GetRequiredService<GatewayTelemetry>().Provider.ForceFlush();

        var (at, body) = await received.Reader.ReadAsync(Stop).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Stop);
        Assert.Equal(path, at);
        Assert.True(body.AsSpan().IndexOf("tikr.ingest.ticks_total"u8) >= 0, "The metrics hold no tikr.ingest.ticks_total.");
        Assert.True(body.AsSpan().IndexOf("market_ticks"u8) >= 0, "The metrics do not name the series.");
    }

    private static async Task<WebApplication> CollectorAsync(OtlpProtocol protocol, ChannelWriter<(string Path, byte[] Body)> received)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(endpoint =>
            endpoint.Protocols = protocol == OtlpProtocol.Grpc ? HttpProtocols.Http2 : HttpProtocols.Http1));
        var app = builder.Build();
        app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            received.TryWrite((context.Request.Path, body.ToArray()));
            if (protocol != OtlpProtocol.Grpc) return;
            // An empty message, and the status that says it is all.
            context.Response.ContentType = "application/grpc";
            await context.Response.Body.WriteAsync(new byte[5], context.RequestAborted);
            context.Response.AppendTrailer("grpc-status", "0");
        });
        await app.StartAsync(Stop);
        return app;
    }
}
