using Grpc.Core;
using Grpc.Net.Client;
using Tikr.Contracts;

namespace Tikr.LoadGenerator.Sending;

/// <summary>One IngestTicks stream, written to by one thread that waits where the server makes it wait.</summary>
internal interface IIngestCall : IDisposable
{
    /// <summary>Sends a message, or keeps it until more follow or <see cref="Flush"/> is called.</summary>
    void Write(byte[] message);

    /// <summary>Sends what is kept.</summary>
    void Flush();

    /// <summary>Ends the stream and waits for the answer.</summary>
    IngestResponse Complete();
}

/// <summary>A stream of the usual gRPC library.</summary>
internal sealed class GrpcCall(Uri address) : IIngestCall
{
    private readonly GrpcChannel _channel = GrpcChannel.ForAddress(address);
    private AsyncClientStreamingCall<byte[], IngestResponse>? _call;

    public void Write(byte[] message)
    {
        _call ??= _channel.CreateCallInvoker().AsyncClientStreamingCall(RawIngest.Method, null, default);
        _call.RequestStream.WriteAsync(message).GetAwaiter().GetResult();
    }

    public void Flush()
    {
    }

    public IngestResponse Complete()
    {
        if (_call is null) return new IngestResponse();
        _call.RequestStream.CompleteAsync().GetAwaiter().GetResult();
        return _call.ResponseAsync.GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        _call?.Dispose();
        _channel.Dispose();
    }
}
