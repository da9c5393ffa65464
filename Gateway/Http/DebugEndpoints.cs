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
        routes.MapGet("/debug/store", async (
            ITickStore ticks, SeriesDirectory series, IServiceProvider services, CancellationToken cancellation) =>
        {
            var statistics = (IStoreStatistics?)services.GetService(typeof(IStoreStatistics));
            return Results.Json(await ReadAsync(ticks, series, statistics, cancellation).ConfigureAwait(false), DebugJson.Options);
        }).OnPort(TikrPort.Http);
    }

    private static async Task<StoreAnswer> ReadAsync(
        ITickStore ticks, SeriesDirectory series, IStoreStatistics? statistics, CancellationToken cancellation) => new(
        statistics?.Read() ?? new Dictionary<string, long>(),
        await ReadCommittedAsync(ticks, cancellation).ConfigureAwait(false),
        ticks.IngestBlockedReason,
        series.All.Select(one => new SeriesAnswer(one.Name, one.Id, ticks.CompleteFrom(one))).ToList());

    // What is known without the database is shown without it.
    private static async Task<IReadOnlyList<FlushId>?> ReadCommittedAsync(ITickStore ticks, CancellationToken cancellation)
    {
        try
        {
            return await ticks.ReadCommittedAsync(cancellation).ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            return null;
        }
    }

    private sealed record StoreAnswer(
        IReadOnlyDictionary<string, long> Statistics, IReadOnlyList<FlushId>? Committed,
            string? IngestBlocked, IReadOnlyList<SeriesAnswer> Series);

    private sealed record SeriesAnswer(string Series, ushort SeriesId, long CompleteFromNs);
}
