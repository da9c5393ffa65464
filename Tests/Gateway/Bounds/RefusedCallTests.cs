using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tikr.Contracts;
using Tikr.Tests.Gateway.Fakes;
using Tikr.Tests.Support;

namespace Tikr.Tests.Gateway.Bounds;

/// <summary>Calls that cannot be answered: the status names the fault, a metric counts it, and nobody fills the log with them.</summary>
public sealed class RefusedCallTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, byte[], StatusCode, string> Rows => new()
    {
        // what                  method         body                  status                         text
        { "garbage as a query",  "QueryBars",   Framed(0xFF, 0xFF),   StatusCode.InvalidArgument,    "not a BarQuery of tikr.v1" },
        { "a cut query",         "QueryTicks",  Framed(0x0A, 0x7F),   StatusCode.InvalidArgument,    "not a TickQuery of tikr.v1" },
        { "garbage as nothing",  "GetInfo",     Framed(0x07),         StatusCode.InvalidArgument,    "not a Empty of tikr.v1" },
        { "garbage as ticks",    "IngestTicks", Framed(0x0A, 0xFF),   StatusCode.InvalidArgument,    "not a tikr.v1 IngestRequest" },
        { "4 GB announced",      "QueryBars",   [0, 255, 255, 0, 0],  StatusCode.ResourceExhausted,  "the message has 4294901760 bytes" },
        { "17 MB announced",     "IngestTicks", [0, 1, 16, 0, 0],     StatusCode.ResourceExhausted,  "at most 16777216 (16 MB)" },
        { "no frame",            "IngestTicks", [9, 0, 0, 0, 0],      StatusCode.InvalidArgument,    "must be 0 or 1" },
        { "half a message",      "IngestTicks", [0, 0, 0, 0, 9, 1],   StatusCode.InvalidArgument,    "ended within a message" },
        { "a packed bomb",       "IngestTicks", Packed(Bomb()),       StatusCode.ResourceExhausted,  "when unpacked" },
        { "a bomb in a query",   "QueryBars",   Packed(Bomb()),       StatusCode.ResourceExhausted,  "when unpacked" },
        { "not packed",          "IngestTicks", Packed(1, 2, 3),      StatusCode.InvalidArgument,    "the message is not gzip" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Is_answered_counted_and_not_logged(
        string what, string method, byte[] body, StatusCode code, string text)
    {
        var log = new LogRecorder();
        await using var server = await GatewayServer.StartAsync(configure: services => services.AddLogging(logging =>
            logging.AddProvider(log).SetMinimumLevel(LogLevel.Warning)));

        for (var i = 0; i < 3; i++)
        {
            var (status, message) = await CallAsync(server, method, body);
            Assert.True(status == code, $"{what}: {status} {message}");
            Assert.Contains(text, message, StringComparison.Ordinal);
        }

        var page = await server.Metrics.GetStringAsync("/metrics", Stop);
        Assert.Contains(page.Split('\n'), line => line.StartsWith("tikr_grpc_errors_total{", StringComparison.Ordinal)
            && line.Contains($"code=\"{code}\"", StringComparison.Ordinal)
            && line.Contains($"method=\"tikr.v1.Tikr/{method}\"", StringComparison.Ordinal)
            && line.Contains("} 3", StringComparison.Ordinal));
        Assert.True(log.Messages.Count(entry => entry.Level >= LogLevel.Warning) <= 1, string.Join('\n', log.Lines));
    }

    [Fact]
    public async Task A_method_that_is_not_there_is_counted_without_its_name()
    {
        await using var server = await GatewayServer.StartAsync();
        var (status, _) = await CallAsync(server, $"Nothing{Guid.NewGuid():N}", []);
        Assert.Equal(StatusCode.Unimplemented, status);
        var page = await server.Metrics.GetStringAsync("/metrics", Stop);
        Assert.DoesNotContain("Nothing", string.Concat(page.Split('\n').Where(line => line.StartsWith("tikr_", StringComparison.Ordinal))),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Packed_messages_within_bounds_are_taken()
    {
        await using var server = await GatewayServer.StartAsync();
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(new BarQuery { Series = "market_ticks", StartNs = 1, EndNs = 2 }.ToByteArray());

        Assert.Equal(StatusCode.OK, (await CallAsync(server, "QueryBars", Packed(packed.ToArray()))).Code);
    }

    private static byte[] Framed(params byte[] message) =>
        [0, (byte)(message.Length >> 24), (byte)(message.Length >> 16), (byte)(message.Length >> 8), (byte)message.Length, .. message];

    private static byte[] Packed(params byte[] message) => [1, .. Framed(message)[1..]];

    private static byte[] Bomb()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize))
        {
            for (var i = 0; i < 64; i++) gzip.Write(new byte[1 << 20]);
        }

        return packed.ToArray();
    }

    private static async Task<(StatusCode Code, string Message)> CallAsync(GatewayServer server, string method, byte[] body)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{server.GrpcPort}/tikr.v1.Tikr/{method}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        if (body is [1, ..]) request.Headers.Add("grpc-encoding", "gzip");
        using var answer = await http.SendAsync(request, Stop);
        await answer.Content.ReadAsByteArrayAsync(Stop);
        var headers = answer.TrailingHeaders.Contains("grpc-status") ? answer.TrailingHeaders : answer.Headers;
        var text = headers.TryGetValues("grpc-message", out var message) ? message.First() : "";
        return ((StatusCode)int.Parse(headers.GetValues("grpc-status").First()), Uri.UnescapeDataString(text));
    }
}
