using System.CommandLine;

namespace Tikr.Benchmarks.KafkaRates;

/// <summary>
/// What publishing to Kafka costs. The broker is librdkafka's mock, in a process of its own, so that its time is not counted as ours.
/// </summary>
internal static class Program
{
    private static Task<int> Main(string[] args) =>
        new RootCommand("Measures publishing to Kafka.") { ProduceCommand(), BarsCommand(),
            WireCommand(), BrokerCommand(), DelaysCommand() }.Parse(args).InvokeAsync();

    private static Command ProduceCommand()
    {
        var records = Number("--records", "Records of a round.", 200_000);
        var bytes = Number("--bytes", "Bytes of a value.", 675);
        var rounds = Number("--rounds", "Rounds after the first.", 5);
        var command = new Command("produce", "Our producer beside one task per record.") { records, bytes, rounds };
        command.SetAction(parsed => Produce.RunAsync(parsed.GetValue(records), parsed.GetValue(bytes), parsed.GetValue(rounds)));
        return command;
    }

    private static Command BarsCommand()
    {
        var keys = Number("--keys", "Keys.", 10_000);
        var buckets = Number("--buckets", "Bars of each key in a round.", 40);
        var rounds = Number("--rounds", "Rounds after the first.", 3);
        var command = new Command("bars",
            "Bars from the write to the store until they are in the topic, beside the same without output.") { keys, buckets, rounds };
        command.SetAction(parsed => BarRates.RunAsync(parsed.GetValue(keys), parsed.GetValue(buckets), parsed.GetValue(rounds)));
        return command;
    }

    private static Command WireCommand()
    {
        var keys = Number("--keys", "Keys.", 10_000);
        var buckets = Number("--buckets", "Bars of each key.", 20);
        var command = new Command("wire", "Bytes of a bar on the wire by compression.") { keys, buckets };
        command.SetAction(parsed => WireBytes.RunAsync(parsed.GetValue(keys), parsed.GetValue(buckets)));
        return command;
    }

    private static Command BrokerCommand()
    {
        var seconds = Number("--seconds", "How long it runs at most.", 600);
        var topics = new Option<string[]>("--topic")
        {
            Description = "Topics as NAME or NAME:PARTITIONS; others appear with four partitions when they are asked for.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [],
        };
        var command = new Command(
            "broker", "Runs the broker alone; prints its address, and obeys lines of its input: down, up, end.") { seconds, topics };
        command.SetAction((parsed, cancellation) => Broker.RunAsync(
            TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(topics)!, cancellation));
        return command;
    }

    private static Command DelaysCommand()
    {
        var brokers = new Option<string>("--brokers") { Description = "Where the topic is.", Required = true };
        var topics = new Option<string[]>(
            "--topic")
        { Description = "Topics of the bars.", Required = true, AllowMultipleArgumentsPerToken = true };
        var skip = Number("--skip", "Seconds that are not counted.", 0);
        var seconds = Number("--seconds", "Seconds that are.", 10);
        var grace = Number("--grace-ms", "The series' grace.", 200);
        var command = new Command("delays", "Reads a topic beside a server under load: how long "
            + "after bucket end + grace its bars arrive.") { brokers, topics, skip, seconds, grace };
        command.SetAction((parsed, cancellation) =>
        {
            Delays.Run(
                parsed.GetValue(brokers)!, parsed.GetValue(topics)!,
                    TimeSpan.FromSeconds(parsed.GetValue(skip)), TimeSpan.FromSeconds(parsed.GetValue(seconds)),
                TimeSpan.FromMilliseconds(parsed.GetValue(grace)), cancellation);
            return Task.CompletedTask;
        });
        return command;
    }

    private static Option<int> Number(string name, string description, int otherwise) =>
        new(name) { Description = description, DefaultValueFactory = _ => otherwise };
}
