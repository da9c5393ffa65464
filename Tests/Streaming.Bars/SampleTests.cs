using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Tikr.Tests.Support;
using Tikr.Tests.Support.Processes;

namespace Tikr.Tests.Streaming.Bars;

/// <summary>The sample application, as its README runs it.</summary>
public sealed class SampleTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task The_sample_prints_bars_and_holds_the_latest()
    {
        using var topic = new BarTopic();
        var program = Path.Combine(
            Repository.Root, "samples", "BarConsumer", "bin", Repository.Configuration, "net10.0", "Tikr.Samples.BarConsumer.dll");

        using var sample = ProgramProcess.Start("dotnet",
        [
            program, "--brokers", topic.Brokers, "--topic", topic.Name, "--partitions", $"{BarTopic.Partitions}", "--begin", "earliest",
            "--siloPort", FreePort(), "--gatewayPort", FreePort(),
        ]);
        // Grains get what the topic has; an explicit subscription begins with what comes after it.
        await topic.PublishAsync("EARLY", BarTopic.Bar(0, 1));
        await Eventually.HoldsAsync("it subscribes", Patience, () => Task.FromResult(
            sample.Output.Contains("Subscribed to 4 partitions", StringComparison.Ordinal) ? null : sample.Output));
        await topic.PublishAsync("AAPL", BarTopic.Bar(0, 100));
        await topic.PublishAsync("AAPL", BarTopic.Bar(0, 101, revision: 1));
        await topic.PublishAsync("MSFT", BarTopic.Bar(0, 200));
        await Eventually.HoldsAsync("bars are printed and held", Patience, () => Task.FromResult(
            new[] { "symbol=AAPL close=100", "symbol=AAPL close=101 volume=7 tick_count=3 (revision 1)",
                "symbol=MSFT close=200", "bars of 3 keys" }
                .All(line => sample.Output.Contains(line, StringComparison.Ordinal)) ? null : sample.Output));
        sample.Terminate();
        Assert.Equal(0, await sample.WaitForExitAsync(Patience));
    }

    private static string FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
    }
}
