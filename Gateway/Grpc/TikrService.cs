using Grpc.Core;
using Tikr.Contracts;
using Tikr.Core.Rollup;
using Tikr.Gateway.Queries;
using Tikr.Storage;

namespace Tikr.Gateway.Grpc;

/// <summary>What tikr.v1.Tikr answers, apart from ingest. See <see cref="TikrMethods"/> for how it is bound.</summary>
internal sealed class TikrService(TickQueries ticks, BarQueries bars, SeriesDirectory series, ServerClock clock)
{
    public Task QueryTicks(TickQuery query, IServerStreamWriter<TickData> answers, ServerCallContext call) =>
        ticks.RunAsync(query, answers, call);

    public Task QueryBars(BarQuery query, IServerStreamWriter<BarMessage> answers, ServerCallContext call) =>
        bars.RunAsync(query, answers, call);

    public SeriesList ListSeries() => new() { Series = { series.All.Select(InfoOf) } };

    public ServerInfo GetInfo() => new()
    {
        Version = TikrVersion.Text,
        UptimeSeconds = (ulong)clock.Uptime.TotalSeconds,
        Series = { series.All.Select(InfoOf) },
    };

    private static SeriesInfo InfoOf(Series series)
    {
        var spec = series.Model.Spec;
        return new SeriesInfo
        {
            Name = spec.Series,
            Dimensions = { spec.Dimensions.Select(dimension => dimension.Name) },
            Metrics = { spec.Metrics.Select(metric => metric.Name) },
            Rollup = spec.RollupText,
        };
    }
}
