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

    public static string TooManyConnections(int most) =>
        $"{most} connections are open, as many as server.max_connections allows: reuse connections, or raise it";

    public static string TooManyCalls(long most) =>
        $"{most} calls are open, as many as server.memory leaves room for: end calls that are not needed, or raise server.memory";

    public static string MessageTooLarge(long bytes, long most) =>
        $"the message has {bytes} bytes: at most {most} ({Megabytes(most)}) are taken; send smaller messages";

    public static string UnpackedTooLarge(long most) =>
        $"the message has more than {most} bytes ({Megabytes(most)}) when unpacked, or there is no memory for them now: "
            + "send smaller messages";

    public static string MessageStalled(long length, long received, TimeSpan quiet) =>
        $"of a message of {(length == 0 ? "unknown length" : $"{length} bytes")} {received} came, and too few of them within the last "
            + $"{quiet.TotalSeconds:0} s: send messages without pausing within them";

    public static string NoMemoryForMessage(long length, long most) =>
        $"there is no memory for a message of {length} bytes beside the unfinished messages of others ({Megabytes(most)} in all, a part of "
            + "server.memory): try again, send smaller messages, or fewer at a time on one connection";

    public static RpcException CutMessage(long received, long length) => Malformed(
        $"the call ended within a message: {received} of {(length == 0 ? "at least 5" : length)} bytes came; end calls between messages");

    public static RpcException NotAMessage() => Malformed(
        "the first byte of a message tells whether it is compressed, and must be 0 or 1: frame messages as gRPC says");

    public static RpcException NotCompressed(string encoding, string problem) => Malformed(
        $"the message is not {encoding} ({problem}), although its header says so: send it as announced, or uncompressed");

    public static RpcException NotARequest(string type, string problem) => Malformed(
        $"the request is not a {type} of tikr.v1 ({problem.TrimEnd('.')}): encode it by the protocol's definition");

    public static string NoMemoryForKeys(long mostBytes) =>
        $"the keys in use take all of the {Megabytes(mostBytes)} that server.memory leaves for them, and ticks of further keys are "
            + "rejected (cardinality_limit): send fewer distinct dimension values, or raise server.memory";

    public static string TooManyScans(long most) =>
        $"{most} queries are read from the store at once, as many as server.memory leaves room for: wait for others to end, "
            + "or ask for less at a time";

    public static string TooManyScansOfConnection(int most) =>
        $"this connection has {most} queries open, as many as one connection may: wait for one to end";

    public static string AnswerNotTaken(TimeSpan patience) =>
        $"the client took nothing of its answer for {patience.TotalSeconds:0} s: read answers as they come, or ask for fewer rows";

    public static RpcException QueryFailed() => new(new Status(
        StatusCode.Internal, "the query failed for a reason that is in the server's log: try again, and report it if it stays"));

    public static InvalidOperationException Missing(string what, string call) => new(
        $"The gateway needs {what}, and none is registered: call {call} before MapTikr.");

    public static InvalidOperationException LateTicksWithoutOutput(string series, string topic) => new(
        $"Series '{series}' routes late ticks to topic '{topic}', and no output is registered: call AddTikrKafkaOutput before UseOrleans, "
            + "or set another late policy in the spec.");

    private static string Megabytes(long bytes) => FormattableString.Invariant($"{bytes / 1048576.0:0.#} MB");

    private static string Quoted(string text) => text.Length <= 100 ? $"'{text}'" : $"'{text[..100]}...'";

    private static string Listed(IEnumerable<string> names)
    {
        var all = names.ToList();
        if (all.Count == 0) return "none";
        var shown = string.Join(", ", all.Take(MostNamesShown));
        return all.Count > MostNamesShown ? $"{shown} and {all.Count - MostNamesShown} more" : shown;
    }
}
