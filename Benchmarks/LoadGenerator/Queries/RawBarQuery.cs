using Google.Protobuf;
using Grpc.Core;
using Tikr.Contracts;

namespace Tikr.LoadGenerator.Queries;

/// <summary>QueryBars whose answers are not decoded, only measured: the server's time, not the client's, fills the latency.</summary>
internal static class RawBarQuery
{
    public static readonly Method<BarQuery, BarSize> Method = new(
        MethodType.ServerStreaming,
        "tikr.v1.Tikr",
        "QueryBars",
        Marshallers.Create<BarQuery>((query, context) => context.Complete(query.ToByteArray()),
            _ => throw new NotSupportedException("Queries are only sent.")),
        Marshallers.Create<BarSize>((_, _) => throw new NotSupportedException("Bars are only received."),
            context => new BarSize(context.PayloadLength)));

    /// <summary>Length of a bar on the wire.</summary>
    internal sealed record BarSize(int Bytes);
}
