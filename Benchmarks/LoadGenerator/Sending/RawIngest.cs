using Google.Protobuf;
using Grpc.Core;
using Tikr.Contracts;

namespace Tikr.LoadGenerator.Sending;

/// <summary>IngestTicks with a marshaller that copies bytes: sending costs no protobuf work.</summary>
internal static class RawIngest
{
    public static readonly Method<byte[], IngestResponse> Method = new(
        MethodType.ClientStreaming,
        "tikr.v1.Tikr",
        "IngestTicks",
        Marshallers.Create<byte[]>((bytes, context) => context.Complete(bytes),
            _ => throw new NotSupportedException("Requests are only sent.")),
        Marshallers.Create<IngestResponse>((response, context) => context.Complete(response.ToByteArray()),
            context => IngestResponse.Parser.ParseFrom(context.PayloadAsReadOnlySequence())));
}
