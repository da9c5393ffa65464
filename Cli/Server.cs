using System.CommandLine;
using Grpc.Core;
using Grpc.Net.Client;
using Tikr.Contracts;

namespace Tikr.Cli;

/// <summary>The server that a command talks to.</summary>
internal sealed class Server : IDisposable
{
    private readonly GrpcChannel _channel;
    private readonly string _address;

    private Server(Uri address)
    {
        _address = address.ToString().TrimEnd('/');
        _channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            MaxReceiveMessageSize = 16 * 1024 * 1024,
            HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true },
            DisposeHttpClient = true,
        });
        Client = new Contracts.Tikr.TikrClient(_channel);
    }

    public Contracts.Tikr.TikrClient Client { get; }

    /// <summary>The option that every command has.</summary>
    public static Option<string> AddressOption() => new("--address", "-a")
    {
        Description = "gRPC address of the server, host:port or a URL",
        DefaultValueFactory = _ => "http://localhost:9876",
    };

    public static Server At(string address)
    {
        var text = address.Contains("://", StringComparison.Ordinal) ? address : "http://" + address;
        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? new Server(uri)
            : throw new CliException($"--address '{address}' is not an address: give host:port, for example localhost:9876");
    }

    /// <summary>The series of this name, or an error that lists those there are.</summary>
    public async Task<SeriesInfo> SeriesAsync(string name, CancellationToken cancellation)
    {
        var known = (await AskAsync(() => Client.ListSeriesAsync(new Empty(), cancellationToken: cancellation))).Series;
        return known.FirstOrDefault(series => series.Name == name)
            ?? throw new CliException(
                $"--series '{name}' is not configured there: {_address} has {string.Join(", ", known.Select(series => series.Name))}");
    }

    /// <summary>Asks, turning an unreachable server into a plain sentence.</summary>
    public async Task<T> AskAsync<T>(Func<AsyncUnaryCall<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.Unavailable)
        {
            throw Unreachable(error);
        }
    }

    public CliException Unreachable(RpcException error) =>
        new($"cannot reach {_address} ({error.Status.Detail}): is the server running, and is this its gRPC port?");

    public void Dispose() => _channel.Dispose();
}
