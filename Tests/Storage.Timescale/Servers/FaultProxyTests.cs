using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;

namespace Tikr.Tests.Storage.Timescale.Servers;

/// <summary>The proxy that makes networks fail, before a server that echoes.</summary>
public sealed class FaultProxyTests : IAsyncDisposable
{
    private readonly EchoServer _echo = new();
    private readonly FakeTimeProvider _time = new();
    private readonly FaultProxy _proxy;

    public FaultProxyTests() => _proxy = FaultProxy.Start("127.0.0.1", _echo.Port, _time);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_faults_data_pass_both_ways()
    {
        using var client = await ConnectAsync();
        var sent = Enumerable.Range(0, 300_000).Select(i => (byte)i).ToArray();

        var received = ReceiveAsync(client, sent.Length);
        for (var from = 0; from < sent.Length;) from += await client.SendAsync(sent.AsMemory(from), Stop);

        Assert.Equal(sent, await received);
        Assert.Equal(1, _proxy.Accepted);
    }

    [Fact]
    public async Task Half_closed_connection_still_gets_its_answer()
    {
        using var client = await ConnectAsync();
        await client.SendAsync("last"u8.ToArray(), Stop);
        client.Shutdown(SocketShutdown.Send);

        Assert.Equal("last"u8.ToArray(), await ReceiveAsync(client, 4));
        Assert.Equal(0, await client.ReceiveAsync(new byte[1], Stop));
    }

    [Fact]
    public async Task Cut_resets_open_connections_and_new_ones_work()
    {
        using var client = await ConnectAndEchoAsync();

        _proxy.Cut();

        await AssertResetAsync(client);
        using var next = await ConnectAndEchoAsync();
    }

    [Fact]
    public async Task Refused_connections_fail_at_once_and_open_ones_go_on()
    {
        using var client = await ConnectAndEchoAsync();

        _proxy.Reject();

        var refused = await Assert.ThrowsAsync<SocketException>(ConnectAsync);
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
        await EchoAsync(client);
        _proxy.Heal();
        using var next = await ConnectAndEchoAsync();
    }

    [Theory]
    [InlineData(Flow.Both)]
    [InlineData(Flow.ToServer)]
    [InlineData(Flow.ToClient)]
    public async Task Black_hole_swallows_data_and_healing_resets_those_who_lost_some(Flow flow)
    {
        using var client = await ConnectAndEchoAsync();
        using var idle = await ConnectAndEchoAsync();
        var before = _echo.Received;
        _proxy.Blackhole(flow);

        await client.SendAsync("lost"u8.ToArray(), Stop);
        var answer = client.ReceiveAsync(new byte[1], Stop).AsTask();
        if (flow == Flow.ToClient) await _echo.WaitForAsync(before + 4);
        Assert.False(answer.IsCompleted);
        await _proxy.LossAsync();
        _proxy.Heal();

        await Assert.ThrowsAsync<SocketException>(() => answer);
        await EchoAsync(idle);
    }

    [Fact]
    public async Task Lost_answer_the_request_arrived_and_the_answer_did_not()
    {
        using var client = await ConnectAndEchoAsync();
        var before = _echo.Received;
        _proxy.CutAfter(0, Flow.ToClient);

        await client.SendAsync("commit"u8.ToArray(), Stop);

        await AssertResetAsync(client);
        await _echo.WaitForAsync(before + 6);
        using var next = await ConnectAndEchoAsync();
    }

    [Fact]
    public async Task Cut_in_the_midst_of_a_message_passes_its_beginning()
    {
        using var client = await ConnectAndEchoAsync();
        var before = _echo.Received;
        _proxy.CutAfter(3, Flow.ToServer);

        await client.SendAsync("message"u8.ToArray(), Stop);

        await AssertResetAsync(client);
        await _echo.WaitForAsync(before + 3);
    }

    [Fact]
    public async Task Latency_holds_data_back_by_the_clock()
    {
        using var client = await ConnectAndEchoAsync();
        _proxy.Latency = TimeSpan.FromSeconds(1);
        var before = _echo.Received;

        await client.SendAsync("slow"u8.ToArray(), Stop);
        var answer = ReceiveAsync(client, 4);
        await AdvanceUntilAsync(() => _echo.Received == before + 4);
        await AdvanceUntilAsync(() => answer.IsCompleted);

        Assert.Equal("slow"u8.ToArray(), await answer);
    }

    [Fact]
    public async Task Server_that_is_away_ends_the_clients_connection()
    {
        await _echo.DisposeAsync();

        var reset = await Assert.ThrowsAsync<SocketException>(async () =>
        {
            using var client = await ConnectAsync();
            await client.ReceiveAsync(new byte[1], Stop);
        });

        Assert.Equal(SocketError.ConnectionReset, reset.SocketErrorCode);
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _echo.DisposeAsync();
    }

    private async Task AdvanceUntilAsync(Func<bool> happened)
    {
        while (!happened())
        {
            Stop.ThrowIfCancellationRequested();
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }
    }

    private async Task<Socket> ConnectAsync()
    {
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, _proxy.Port, Stop);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    private async Task<Socket> ConnectAndEchoAsync()
    {
        var client = await ConnectAsync();
        await EchoAsync(client);
        return client;
    }

    private static async Task EchoAsync(Socket client)
    {
        await client.SendAsync("ping"u8.ToArray(), Stop);
        Assert.Equal("ping"u8.ToArray(), await ReceiveAsync(client, 4));
    }

    private static async Task AssertResetAsync(Socket client)
    {
        // What arrived before the reset may be read first.
        var reset = await Assert.ThrowsAsync<SocketException>(async () =>
        {
            while (await client.ReceiveAsync(new byte[1], Stop) > 0)
            {
            }
        });
        Assert.Equal(SocketError.ConnectionReset, reset.SocketErrorCode);
    }

    private static async Task<byte[]> ReceiveAsync(Socket from, int bytes)
    {
        var buffer = new byte[bytes];
        for (var got = 0; got < bytes;)
        {
            var read = await from.ReceiveAsync(buffer.AsMemory(got), Stop);
            Assert.NotEqual(0, read);
            got += read;
        }

        return buffer;
    }
}
