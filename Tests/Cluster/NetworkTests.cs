using System.Net;
using System.Net.Sockets;

namespace Tikr.Tests.Cluster;

/// <summary>What the faults of the cluster's tests rest on: machines that can be cut off, and clocks that can be stepped.</summary>
public sealed class NetworkTests
{
    private const int Port = 7000;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_sent_while_a_cable_is_cut_arrives_when_it_heals()
    {
        await using var network = await TestNetwork.StartAsync();
        var (one, two) = (await network.AddAsync(), await network.AddAsync());
        using var listener = two.Namespace.Run(() => Listening(two.Address));
        using var client = one.Namespace.Run(() => new Socket(SocketType.Stream, ProtocolType.Tcp));
        await client.ConnectAsync(IPAddress.Parse(two.Address), Port, Stop);
        using var server = await listener.AcceptSocketAsync(Stop);

        await one.CutAsync(two);
        await client.SendAsync(new byte[] { 1 }, Stop);
        var received = server.ReceiveAsync(new byte[1], Stop).AsTask();
        await Eventually.ClockPassesAsync(WallClock.NowNs + WallClock.Second);
        Assert.False(received.IsCompleted);

        await one.HealAsync(two);
        Assert.Equal(1, await received.WaitAsync(Eventually.Patience, Stop));
    }

    [Fact]
    public async Task A_proxy_joins_a_machine_to_a_server_outside()
    {
        await using var network = await TestNetwork.StartAsync();
        var machine = await network.AddAsync();
        using var listener = Listening("127.0.0.1", port: 0);
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await using var proxy = FaultProxy.Start("127.0.0.1", port, clients: machine.Namespace);
        using var client = machine.Namespace.Run(() => new Socket(SocketType.Stream, ProtocolType.Tcp));

        await client.ConnectAsync(IPAddress.Loopback, port, Stop);

        using var server = await listener.AcceptSocketAsync(Stop);
        await client.SendAsync(new byte[] { 1 }, Stop);
        Assert.Equal(1, await server.ReceiveAsync(new byte[1], Stop));
    }

    [Fact]
    public async Task A_clock_can_be_stepped_while_its_program_runs()
    {
        if (!SteppedClock.IsThere) throw ServersNeeded.Missed("libfaketime is not installed (apt-get install libfaketime)");
        using var clock = new SteppedClock();
        using var program = ProgramProcess.Start("bash", ["-c", "while date +%s; do read -t 0.2 <> <(:); done"], clock.Environment);
        await Eventually.HoldsAsync(
            "the program tells the time", () => Task.FromResult(AheadBySeconds(program)), ahead => ahead is > -5 and < 5);

        clock.Set(TimeSpan.FromMinutes(10));

        await Eventually.HoldsAsync("the program's clock is ahead", () => Task.FromResult(AheadBySeconds(program)), ahead => ahead > 590);
    }

    private static long AheadBySeconds(ProgramProcess program) =>
        program.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries) is [.., var last] && long.TryParse(last, out var told)
            ? told - (WallClock.NowNs / WallClock.Second) : long.MinValue;

    private static TcpListener Listening(string address, int port = Port)
    {
        var listener = new TcpListener(IPAddress.Parse(address), port);
        listener.Start();
        return listener;
    }
}
