using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tikr.Gateway.Hosting;
using Tikr.Storage;

namespace Tikr.Gateway.Http;

/// <summary>/debug/specs: the specs as loaded, with every default filled in. /debug/store: what the store holds.</summary>
internal static class DebugEndpoints
{
    public static void MapDebug(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/debug/specs", (SeriesDirectory series) =>
            Results.Json(series.All.Select(one => one.Model.Spec), DebugJson.Options)).OnPort(TikrPort.Http);
        routes.MapGet("/debug/store", (ITickStore ticks, SeriesDirectory series, IServiceProvider services) =>
            Results.Json(Read(ticks, series, (IStoreStatistics?)services.GetService(typeof(IStoreStatistics))), DebugJson.Options))
                .OnPort(TikrPort.Http);
    }

    private static StoreAnswer Read(ITickStore ticks, SeriesDirectory series, IStoreStatistics? statistics) => new(
        statistics?.Read() ?? new Dictionary<string, long>(),
        ticks.LastCommitted.Epoch,
        ticks.LastCommitted.Flush,
        ticks.IngestBlockedReason,
        series.All.Select(one => new SeriesAnswer(one.Name, one.Id, ticks.CompleteFrom(one))).ToList());

    private sealed record StoreAnswer(
        IReadOnlyDictionary<string, long> Statistics, uint LastEpoch, ulong LastFlush,
            string? IngestBlocked, IReadOnlyList<SeriesAnswer> Series);

    private sealed record SeriesAnswer(string Series, ushort SeriesId, long CompleteFromNs);
}
