using Google.Protobuf.Collections;
using Tikr.Core.Rollup;
using Tikr.Core.Time;
using Tikr.Gateway.Hosting;
using Tikr.Storage;

namespace Tikr.Gateway.Queries;

/// <summary>A checked query: which series, which keys, which times, how many rows.</summary>
/// <param name="Series">The series.</param>
/// <param name="Match">Wanted value per dimension of the spec; null matches every value.</param>
/// <param name="FromNs">First time.</param>
/// <param name="ToNs">Time to stop before.</param>
/// <param name="Limit">Most rows to answer.</param>
internal sealed record QueryRange(Series Series, string?[] Match, long FromNs, long ToNs, long Limit)
{
    /// <summary>Checks what a client asks for.</summary>
    /// <exception cref="global::Grpc.Core.RpcException">It is not a query this server can answer; the status says why.</exception>
    public static QueryRange Check(
        SeriesDirectory directory, GatewayOptions options, string series,
            MapField<string, string> dimensions, ulong start, ulong end, uint limit)
    {
        if (!directory.TryFind(series, out var found)) throw Errors.UnknownSeries(series, directory.All);
        var spec = found.Model.Spec;
        var match = new string?[spec.Dimensions.Length];
        foreach (var (name, value) in dimensions)
        {
            var index = IndexOf(name);
            if (index < 0) throw Errors.UnknownDimension(name, spec);
            match[index] = value;
        }

        if (end <= start) throw Errors.EmptyRange(start, end);
        if (end - start > (ulong)options.MaxQueryRange.ToNanoseconds()) throw Errors.RangeTooLong(start, end, options.MaxQueryRange);
        return new QueryRange(found, match, Clamped(start), Clamped(end), limit == 0 ? long.MaxValue : limit);

        int IndexOf(string name)
        {
            for (var i = 0; i < spec.Dimensions.Length; i++)
            {
                if (spec.Dimensions[i].Name == name) return i;
            }

            return -1;
        }
    }

    /// <summary>No tick lies beyond the year 2262, so clamping loses none.</summary>
    private static long Clamped(ulong time) => (long)Math.Min(time, long.MaxValue);
}
