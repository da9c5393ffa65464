using System.Net.Sockets;
using System.Text;
using Tikr.Gateway.Hosting;
using Tikr.Gateway.Http;

namespace Tikr.Silo.Health;

/// <summary>
/// Answers <c>/healthz</c> and <c>/readyz</c> while the server starts: before there is a silo, while it waits for a database or for what
/// an earlier run has left. Registered before everything else, so that it starts first.
/// </summary>
internal sealed class EarlyHealth(
    EarlySockets sockets, GatewayOptions options, Readiness readiness, TimeProvider time) : IHostedLifecycleService
{
    private const int MostRequestBytes = 8192;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        // Nobody knows a port that the system has yet to choose.
        if (options.HttpPort != 0) sockets.Listen(options.Bind, options.HttpPort, AnswerAsync);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task AnswerAsync(Socket connection)
    {
        using (connection)
        {
            try
            {
                using var patience = new CancellationTokenSource(Patience, time);
                var request = await ReadAsync(connection, patience.Token);
                await connection.SendAsync(Encoding.UTF8.GetBytes(AnswerTo(request)), patience.Token);
                connection.Shutdown(SocketShutdown.Both);
            }
            catch (Exception gone) when (gone is SocketException or OperationCanceledException)
            {
                // Whoever asked has gone, or never said what for.
            }
        }
    }

    private static async Task<string> ReadAsync(Socket connection, CancellationToken cancellation)
    {
        var (buffer, length, read) = (new byte[MostRequestBytes], 0, 0);
        do
        {
            read = await connection.ReceiveAsync(buffer.AsMemory(length), cancellation);
            length += read;
        }
        while (read > 0 && length < buffer.Length && !buffer.AsSpan(0, length).EndsWith("\r\n\r\n"u8));
        return Encoding.ASCII.GetString(buffer, 0, length);
    }

    private string AnswerTo(string request) => request.Split(' ', 3) switch
    {
        ["GET", "/healthz", _] => Response("200 OK", "text/plain", "ok\n"),
        ["GET", "/readyz", _] => Response("503 Service Unavailable", "application/json", ReadyAnswer.Of(readiness).ToJson()),
        _ => Response("503 Service Unavailable", "text/plain", "starting\n"),
    };

    private static string Response(string status, string type, string body) =>
        $"HTTP/1.1 {status}\r\nContent-Type: {type}; charset=utf-8\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n"
            + $"Connection: close\r\n\r\n{body}";
}
