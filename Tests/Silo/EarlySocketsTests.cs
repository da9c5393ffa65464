using System.Net;
using System.Net.Sockets;
using Tikr.Silo.Health;
using Tikr.Tests.Support;
using Tikr.Tests.Support.Processes;

namespace Tikr.Tests.Silo;

/// <summary>The HTTP port before the server is there.</summary>
public sealed class EarlySocketsTests
{
    [Fact]
    public async Task So_many_connections_that_say_nothing_are_held_and_no_more()
    {
        using var sockets = new EarlySockets();
        var port = Ports.Free().Http;
        var (held, release) = (0, new TaskCompletionSource());
        sockets.Listen(IPAddress.Loopback, port, async connection =>
        {
            using (connection)
            {
                Interlocked.Increment(ref held);
                await release.Task;
            }
        });
        var idle = new List<Socket>();
        for (var i = 0; i < 2 * EarlySockets.MostConnections; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            idle.Add(socket);
            await socket.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        }

        await HoldsAsync(EarlySockets.MostConnections);
        Assert.Equal(EarlySockets.MostConnections, held);

        // Once the first are let go it is the turn of the others.
        release.SetResult();
        await HoldsAsync(2 * EarlySockets.MostConnections);
        idle.ForEach(socket => socket.Dispose());

        Task HoldsAsync(int connections) => Eventually.HoldsAsync(
            $"{connections} connections are taken", () => Task.FromResult(Volatile.Read(ref held)), count => count == connections);
    }
}
