using System.Globalization;
using Tikr.Tests.Support.Kafka;

namespace Tikr.Benchmarks.KafkaRates;

/// <summary>The mock broker by itself, for programs that are started beside it.</summary>
internal static class Broker
{
    /// <summary>Partitions of a topic whose number is not given.</summary>
    private const int Partitions = 8;

    public static async Task RunAsync(TimeSpan time, string[] topics, CancellationToken cancellation)
    {
        using var kafka = MockKafka.Start();
        foreach (var topic in topics)
        {
            var colon = topic.IndexOf(':', StringComparison.Ordinal);
            kafka.CreateTopic(colon < 0 ? topic : topic[..colon], colon < 0
                ? Partitions : int.Parse(topic.AsSpan(colon + 1), CultureInfo.InvariantCulture));
        }

        Console.WriteLine(kafka.BootstrapServers);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        end.CancelAfter(time);
        // Reading the console cannot be cancelled; the process ends without it.
        var obeying = Task.Run(() => Obey(kafka), CancellationToken.None);
        try
        {
            if (await obeying.WaitAsync(end.Token).ConfigureAwait(false)) return;
            // The input is over, and nobody said end: it may have been none from the beginning.
            await Task.Delay(Timeout.Infinite, end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The time is over, or the process is told to end.
        }
    }

    private static bool Obey(MockKafka kafka)
    {
        while (Console.ReadLine() is { } line)
        {
            switch (line.Trim())
            {
                case "down":
                    kafka.Down();
                    break;
                case "up":
                    kafka.Up();
                    break;
                case "end":
                    return true;
                default:
                    Console.Error.WriteLine($"'{line}' is not understood: down, up or end is expected.");
                    continue;
            }

            Console.WriteLine($"is {line.Trim()}");
        }

        return false;
    }
}
