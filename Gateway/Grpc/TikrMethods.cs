using Google.Protobuf;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Tikr.Contracts;
using Tikr.Gateway.Queries;

namespace Tikr.Gateway.Grpc;

/// <summary>
/// The methods of tikr.v1.Tikr. They are bound here and not by the generated base class, because IngestTicks decodes
/// its messages itself, and the container decides how.
/// </summary>
internal sealed class TikrMethods(IEnumerable<IIngestMethod> ingest) : IServiceMethodProvider<TikrService>
{
    /// <summary>Name of the service on the wire.</summary>
    public const string ServiceName = "tikr.v1.Tikr";

    /// <summary>Name of the ingest method.</summary>
    public const string IngestTicks = "IngestTicks";

    private static readonly Method<TickQuery, TickData> QueryTicks =
        new(MethodType.ServerStreaming, ServiceName, "QueryTicks", MarshallerOf(TickQuery.Parser), MarshallerOf(TickData.Parser));

    private static readonly Method<BarQuery, BarMessage> QueryBars =
        new(MethodType.ServerStreaming, ServiceName, "QueryBars", MarshallerOf(BarQuery.Parser), BarMessage.Marshaller);

    private static readonly Method<Empty, SeriesList> ListSeries =
        new(MethodType.Unary, ServiceName, "ListSeries", MarshallerOf(Empty.Parser), MarshallerOf(SeriesList.Parser));

    private static readonly Method<Empty, ServerInfo> GetInfo =
        new(MethodType.Unary, ServiceName, "GetInfo", MarshallerOf(Empty.Parser), MarshallerOf(ServerInfo.Parser));

    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<TikrService> context)
    {
        foreach (var method in ingest) method.Add(context);
        context.AddServerStreamingMethod(QueryTicks, [], (service, query, answers, call) => service.QueryTicks(query, answers, call));
        context.AddServerStreamingMethod(QueryBars, [], (service, query, answers, call) => service.QueryBars(query, answers, call));
        context.AddUnaryMethod(ListSeries, [], (service, _, _) => Task.FromResult(service.ListSeries()));
        context.AddUnaryMethod(GetInfo, [], (service, _, _) => Task.FromResult(service.GetInfo()));
    }

    /// <summary>The ordinary marshaller of a generated message: without copies in either direction.</summary>
    internal static Marshaller<T> MarshallerOf<T>(MessageParser<T> parser)
        where T : IMessage<T>, IBufferMessage
    {
        return new Marshaller<T>(Write, Read);

        T Read(DeserializationContext context)
        {
            try
            {
                return parser.ParseFrom(context.PayloadAsReadOnlySequence());
            }
            catch (InvalidProtocolBufferException malformed)
            {
                throw Errors.NotARequest(typeof(T).Name, malformed.Message);
            }
        }

        static void Write(T message, SerializationContext context)
        {
            context.SetPayloadLength(message.CalculateSize());
            message.WriteTo(context.GetBufferWriter());
            context.Complete();
        }
    }
}
