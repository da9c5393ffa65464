using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tikr.Samples.BarConsumer;
using Tikr.Streaming.Bars;
using Tikr.Streaming.Kafka.Provider;

// --brokers localhost:9092 --topic tikr-bars-market-1s --partitions 8 --begin latest --siloPort 11111 --gatewayPort 30000
var builder = Host.CreateApplicationBuilder(args);
var settings = builder.Configuration;
var partitions = Number("partitions", 8);

builder.UseOrleans(silo => silo
    .UseLocalhostClustering(Number("siloPort", 11111), Number("gatewayPort", 30000))
    .AddMemoryGrainStorage("PubSubStore")
    .AddTikrBarStreams(BarStreams.Provider, bars =>
    {
        bars.BootstrapServers = settings["brokers"] ?? "localhost:9092";
        bars.Topic = settings["topic"] ?? "tikr-bars-market-1s";
        bars.Partitions = partitions;
        bars.StreamNamespace = BarStreams.Namespace;
        bars.BeginWith = settings["begin"] == "earliest" ? KafkaBegin.Earliest : KafkaBegin.Latest;
    }));
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddSingleton(new Partitions(partitions));
builder.Services.AddHostedService<BarPrinter>();

await builder.Build().RunAsync().ConfigureAwait(false);

int Number(string name, int otherwise) => settings[name] is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
