using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Tikr.KafkaStreams;
using Tikr.Streaming.Kafka.Hosting;
using Tikr.Streaming.Kafka.Payload;
using Tikr.Streaming.Kafka.Provider;

var arguments = SampleArguments.Parse(args);
using var demo = arguments.Brokers is null ? DemoBroker.Start() : null;

var builder = Host.CreateApplicationBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddSingleton(arguments);
builder.UseOrleans(silo => silo
    .UseLocalhostClustering(arguments.SiloPort, arguments.GatewayPort)
    .Configure<ClusterOptions>(options => options.ServiceId = "kafka-streams-sample")
    .AddMemoryGrainStorage("PubSubStore")
    .AddKafkaStreams(SampleArguments.Provider, (KafkaStreamOptions options) =>
    {
        options.BootstrapServers = demo?.Address ?? arguments.Brokers!;
        options.Topic = "orders";
        options.Partitions = 4;
        options.BeginWith = KafkaBegin.Earliest;
        options.Payload = _ => new JsonPayloadSerializer<Order>();
    }));
// After the silo: services start in order, and streams are there when it has started.
builder.Services.AddHostedService<Shop>();

Console.WriteLine($"Orders go through topic 'orders' of {demo?.Address ?? arguments.Brokers}.");
await builder.Build().RunAsync();
