using System.Net;
using System.Net.Sockets;

namespace Tikr.Tests.EndToEnd.Scenarios;

/// <summary>Signals at any time end the server in order.</summary>
public sealed class SignalTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static TheoryData<string> Signals => new("SIGTERM", "SIGINT", "SIGHUP");

    [Theory]
    [MemberData(nameof(Signals))]
    public async Task While_it_waits_for_its_database(string signal)
    {
        // Takes connections and never answers, as a database behind a firewall.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var silo = SiloProcess.Begin(new SiloOptions
        {
            Name = "signal",
            Database = $"Host=127.0.0.1;Port={((IPEndPoint)silent.LocalEndpoint).Port};Username=tikr;Database=tikr;Timeout=30",
        });
        using var connection = await silent.AcceptTcpClientAsync(TestContext.Current.CancellationToken).AsTask()
            .WaitAsync(Patience, TestContext.Current.CancellationToken);

        await EndsInOrderAsync(silo, signal);

        Assert.Contains("tikr was stopped before it was ready.", silo.Program.Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Signals))]
    public async Task While_it_starts(string signal)
    {
        await using var silo = SiloProcess.Begin(new SiloOptions { Name = "signal" });
        await Eventually.HoldsAsync("the server listens or has opened its store", Patience, () => Task.FromResult(
            silo.Program.Output.Contains("notice", StringComparison.Ordinal) ? null : silo.Program.Output));

        await EndsInOrderAsync(silo, signal);
    }

    [Theory]
    [MemberData(nameof(Signals))]
    public async Task While_it_serves(string signal)
    {
        await using var silo = await SiloProcess.StartAsync(new SiloOptions { Name = "signal" });
        var tick = new MarketTick("SIGNAL", WallClock.CurrentBucket, 1, 1, 1);
        Assert.Equal(1UL, (await silo.Client.SendAsync(tick)).TicksReceived);

        Assert.Equal(0, await EndsInOrderAsync(silo, signal));
    }

    private static async Task<int> EndsInOrderAsync(SiloProcess silo, string signal)
    {
        if (signal == "SIGINT") silo.Program.Interrupt();
        else if (signal == "SIGHUP") silo.Program.HangUp();
        else silo.Program.Terminate();
        var code = await silo.Program.WaitForExitAsync(Patience);
        Assert.True(code is 0 or 128 + 15 or 128 + 2 or 128 + 1, $"exit code {code}\n{silo.Program.Output}");
        Assert.DoesNotContain(" at Tikr.", silo.Program.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled", silo.Program.Output, StringComparison.Ordinal);
        return code;
    }
}
