using Google.Protobuf;
using Grpc.Net.Client;

namespace Tikr.Tests.EndToEnd.Scenarios;

/// <summary>Sends bytes that no generated client would send.</summary>
internal static class RawStream
{
    private static readonly Method<byte[], IngestResponse> Method = new(
        MethodType.ClientStreaming,
        "tikr.v1.Tikr",
        "IngestTicks",
        Marshallers.Create(bytes => bytes, bytes => bytes),
        Marshallers.Create(response => response.ToByteArray(), IngestResponse.Parser.ParseFrom));

    public static async Task<IngestResponse> SendAsync(GrpcChannel connection, byte[] message)
    {
        using (connection)
        {
            using var call = connection.CreateCallInvoker().AsyncClientStreamingCall(Method, null, default);
            try
            {
                await call.RequestStream.WriteAsync(message);
                await call.RequestStream.CompleteAsync();
            }
            catch (RpcException)
            {
                // The server may refuse before everything is written; the answer below says why.
            }

            return await call.ResponseAsync;
        }
    }
}
