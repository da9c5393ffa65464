using Grpc.Core;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;

namespace Tikr.Gateway;

/// <summary>Every error text of the gateway: the thing, the value, the rule, the remedy.</summary>
internal static class Errors
{
    private const int MostNamesShown = 20;

    public static RpcException UnknownSeries(string series, IReadOnlyList<Series> known) => new(new Status(
        StatusCode.NotFound,
        $"unknown series {Quoted(series)}: this server has {Listed(known.Select(one => one.Name))}"));

    public static RpcException UnknownDimension(string dimension, SeriesSpec spec) => new(new Status(
        StatusCode.InvalidArgument,
        $"series '{spec.Series}' has no dimension {Quoted(dimension)}: it has {Listed(spec.Dimensions.Select(known => known.Name))}"));

    public static RpcException EmptyRange(ulong start, ulong end) => new(new Status(
        StatusCode.InvalidArgument,
        $"end_ns ({end}) must be greater than start_ns ({start}): a query reads [start_ns, end_ns) in Unix nanoseconds; give both"));

    public static RpcException RangeTooLong(ulong start, ulong end, TimeSpan longest) => new(new Status(
        StatusCode.InvalidArgument,
        $"the range from start_ns ({start}) to end_ns ({end}) is {(end - start) / 3.6e12:0.##} "
            + $"h: at most {longest.TotalHours:0.##} h per query; ask for parts"));

    public static RpcException Stopping() => new(new Status(
        StatusCode.Unavailable, "the server is stopping: ask again, from the last row received, once it is back"));

    public static RpcException StoreUnavailable(string reason) => new(new Status(
        StatusCode.Unavailable, $"the store does not answer ({reason}): try again"));

    public static RpcException UnknownHealthService(string service) => new(new Status(
        StatusCode.NotFound, $"unknown service {Quoted(service)}: ask for '' (the server) or '{Grpc.TikrMethods.ServiceName}'"));

    public static RpcException NotReady() => new(new Status(
        StatusCode.Unavailable, "the server is still recovering: try again once /readyz answers 200"));

    public static RpcException Malformed(string reason) => new(new Status(StatusCode.InvalidArgument, reason));

    public static RpcException StoreFull(string reason) => new(new Status(StatusCode.ResourceExhausted, reason));

    public static RpcException Cancelled() => new(new Status(
        StatusCode.Cancelled, "the client ended the stream without waiting for the answer; ticks read until then are kept"));

    public static RpcException IngestStopping() => new(new Status(
        StatusCode.Unavailable, "the server is stopping: trailers tell how many ticks it kept; send the rest once it is back"));

    public static RpcException IngestFailed(Exception error) => new(new Status(
        StatusCode.Unavailable, $"ticks could not be stored ({error.Message}): trailers tell how many were kept; send the rest again"));

    public static InvalidOperationException Missing(string what, string call) => new(
        $"The gateway needs {what}, and none is registered: call {call} before MapTikr.");

    public static InvalidOperationException LateTicksWithoutOutput(string series, string topic) => new(
        $"Series '{series}' routes late ticks to topic '{topic}', and no output is registered: call AddTikrKafkaOutput before UseOrleans, "
            + "or set another late policy in the spec.");

    private static string Quoted(string text) => text.Length <= 100 ? $"'{text}'" : $"'{text[..100]}...'";

    private static string Listed(IEnumerable<string> names)
    {
        var all = names.ToList();
        if (all.Count == 0) return "none";
        var shown = string.Join(", ", all.Take(MostNamesShown));
        return all.Count > MostNamesShown ? $"{shown} and {all.Count - MostNamesShown} more" : shown;
    }
}
