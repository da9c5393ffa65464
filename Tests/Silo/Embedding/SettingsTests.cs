using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tikr.Contracts;
using Tikr.Core.Delivery;
using Tikr.Core.Specs;
using Tikr.Core.Time;
using Tikr.Gateway.Hosting;
using Tikr.Gateway.Ingest;
using Tikr.Grains;
using Tikr.Publishing;
using Tikr.Storage;
using Tikr.Storage.RocksDb;
using Tikr.Tests.Support;

namespace Tikr.Tests.Silo.Embedding;

public sealed class SettingsTests
{
    private static readonly SeriesSpec Spooled = Application.Spec with { Kafka = new KafkaOutputSpec("bars", "otlp", FailurePolicy.Spool) };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Settings_that_several_parts_use_are_those_of_their_owner()
    {
        await using var application = new Application(Spooled, "127.0.0.1:1");
        var store = application.Get<IOptions<RocksDbStoreOptions>>().Value;
        Assert.Equal(application.Get<KafkaOutputOptions>().OutboxPartitions, application.Get<OutboxLayout>().PartitionsPerSeries);
        Assert.Equal(application.Get<TikrGrainOptions>().MaxCloseDelay, application.Get<CloseDelay>().Longest);
        Assert.Equal(store.TicksTtl, application.Get<ITickStore>().TicksTtl);
    }

    [Fact]
    public async Task Streams_are_not_waited_for_longer_than_bars_stay_open()
    {
        await using var application = new Application(Application.Spec, configure: builder =>
            builder.Services.Configure<TikrGrainOptions>(grains => grains.MaxCloseDelay = TimeSpan.FromSeconds(1)));
        Assert.Equal(TimeSpan.FromSeconds(0.75), application.Get<IOptions<IngestOptions>>().Value.MaxStreamLag);
    }

    [Fact]
    public async Task Bars_wait_in_the_outbox_without_further_settings()
    {
        await using var application = new Application(Spooled, "127.0.0.1:1");
        application.Web.MapTikr();
        await application.Web.StartAsync(Stop);
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{application.Get<TikrListeners>().GrpcPort}");
        using var call = new Contracts.Tikr.TikrClient(channel).IngestTicks(cancellationToken: Stop);
        var now = (ulong)TimeProvider.System.GetUnixNanoseconds();
        var tick = new TickData { TimestampNs = now, Dimensions = { ["symbol"] = "AAPL" } };
        await call.RequestStream.WriteAsync(new IngestRequest { Series = Spooled.Series, Ticks = { tick } }, Stop);
        await call.RequestStream.CompleteAsync();
        await call.ResponseAsync;

        await Eventually.HoldsAsync("partitions with a bar", async () =>
            (await application.Get<IOutbox>().ListPartitionsAsync(Stop)).Count, count => count == 1);
    }

    [Fact]
    public async Task Late_ticks_without_an_output_refuse_the_start()
    {
        await using var application = new Application(Application.Spec with { Late = LatePolicy.Route, LateTopic = "late" });
        var error = Assert.Throws<InvalidOperationException>(application.Web.MapTikr);
        Assert.Equal("Series 'market' routes late ticks to topic 'late', and no output is registered: "
            + "call AddTikrKafkaOutput before UseOrleans, or set another late policy in the spec.", error.Message);
    }

    [Theory]
    [InlineData(FailurePolicy.Spool, true)]
    [InlineData(FailurePolicy.Block, true)]
    [InlineData(FailurePolicy.Drop, false)]
    public async Task Bars_that_were_to_be_kept_for_Kafka_are_missed_aloud(FailurePolicy policy, bool isTold)
    {
        var log = new LogRecorder();
        var spec = Application.Spec with { Kafka = new KafkaOutputSpec("bars", "otlp", policy) };
        await using var application = new Application(
            spec, configure: builder => builder.Logging.AddProvider(new RecorderProvider(log)));
        application.Web.MapTikr();
        Assert.Equal(isTold, log.Messages.Any(line => line.Text.Contains("no output is registered", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_gateway_without_a_store_says_what_is_missing()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddTikrGateway();
        await using var web = builder.Build();
        var error = Assert.Throws<InvalidOperationException>(web.MapTikr);
        Assert.Equal("The gateway needs a store, and none is registered: call AddTikrRocksDb or AddTikrTimescale before MapTikr.",
            error.Message);
    }

    private sealed class RecorderProvider(LogRecorder recorder) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => recorder;

        public void Dispose()
        {
        }
    }
}
