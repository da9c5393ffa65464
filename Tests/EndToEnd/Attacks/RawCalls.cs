using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;

namespace Tikr.Tests.EndToEnd.Attacks;

/// <summary>A connection on which calls are opened that no gRPC client would make.</summary>
internal sealed class RawCalls : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { EnableMultipleHttp2Connections = false })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private readonly string _address;
    private readonly CancellationTokenSource _end = new();

    public RawCalls(SiloProcess silo) => _address = silo.Address;

    /// <summary>The header of a message.</summary>
    public static byte[] Header(uint length, byte compressed = 0)
    {
        var header = new byte[5];
        header[0] = compressed;
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(1), length);
        return header;
    }

    /// <summary>Opens a call and lets <paramref name="write"/> send its body; the call stays open until that ends.</summary>
    public async Task<HttpResponseMessage> OpenAsync(string method, Func<Stream, CancellationToken, Task> write, string? encoding = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{_address}/tikr.v1.Tikr/{method}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new Body(write, _end.Token),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        if (encoding is not null) request.Headers.Add("grpc-encoding", encoding);
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _end.Token);
    }

    public void Dispose()
    {
        _end.Cancel();
        _http.Dispose();
        _end.Dispose();
    }

    private sealed class Body(Func<Stream, CancellationToken, Task> write, CancellationToken end) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => write(stream, end);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
