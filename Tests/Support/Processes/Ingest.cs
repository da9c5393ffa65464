using Grpc.Core;
using Tikr.Contracts;

namespace Tikr.Tests.Support.Processes;

/// <summary>Sends ticks and reads back what became of them.</summary>
public static class Ingest
{
    /// <summary>Name of the series of the market.</summary>
    public const string MarketSeries = "market_ticks";

    /// <summary>Cuts ticks into messages.</summary>
    public static IEnumerable<IngestRequest> ToRequests(
        this IEnumerable<TickData> ticks, string series = MarketSeries, int perMessage = 1000) =>
        ticks.Chunk(perMessage).Select(chunk => new IngestRequest { Series = series, Ticks = { chunk } });

    /// <summary>Cuts market ticks into messages.</summary>
    public static IEnumerable<IngestRequest> ToRequests(this IEnumerable<MarketTick> ticks, int perMessage = 1000) =>
        ticks.Select(tick => tick.ToData()).ToRequests(MarketSeries, perMessage);

    /// <summary>Sends messages as one stream and returns the answer.</summary>
    public static async Task<IngestResponse> SendAsync(this TikrClient client, IEnumerable<IngestRequest> requests)
    {
        using var call = client.IngestTicks();
        foreach (var request in requests) await call.RequestStream.WriteAsync(request).ConfigureAwait(false);
        await call.RequestStream.CompleteAsync().ConfigureAwait(false);
        return await call.ResponseAsync.ConfigureAwait(false);
    }

    /// <summary>Sends market ticks as one stream.</summary>
    public static Task<IngestResponse> SendAsync(this TikrClient client, params MarketTick[] ticks) => client.SendAsync(ticks.ToRequests());

    /// <summary>Sends ticks of any series as one stream.</summary>
    public static Task<IngestResponse> SendAsync(this TikrClient client, string series, params TickData[] ticks) =>
        client.SendAsync(ticks.ToRequests(series));

    /// <summary>Reads bars; times are those of bucket starts.</summary>
    public static async Task<List<BarData>> BarsAsync(
        this TikrClient client, string series, long fromNs, long toNs, IReadOnlyDictionary<string, string>? dimensions = null)
    {
        var query = new BarQuery { Series = series, StartNs = (ulong)fromNs, EndNs = (ulong)toNs };
        if (dimensions is not null) query.Dimensions.Add(dimensions.ToDictionary());
        using var call = client.QueryBars(query);
        return await call.ResponseStream.ReadAllAsync().ToListAsync().ConfigureAwait(false);
    }

    /// <summary>Reads stored ticks.</summary>
    public static async Task<List<TickData>> TicksAsync(
        this TikrClient client, string series, long fromNs, long toNs, IReadOnlyDictionary<string, string>? dimensions = null)
    {
        var query = new TickQuery { Series = series, StartNs = (ulong)fromNs, EndNs = (ulong)toNs };
        if (dimensions is not null) query.Dimensions.Add(dimensions.ToDictionary());
        using var call = client.QueryTicks(query);
        return await call.ResponseStream.ReadAllAsync().ToListAsync().ConfigureAwait(false);
    }
}
