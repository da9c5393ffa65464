using Tikr.Core.Rollup;
using Tikr.Storage.Timescale.Bars;
using Tikr.Storage.Timescale.Keys;
using Tikr.Storage.Timescale.Ticks;

namespace Tikr.Storage.Timescale.Catalog;

/// <summary>A configured series with its tables and the statements on them.</summary>
internal sealed class TimescaleSeries
{
    public TimescaleSeries(Series series, StoredSeries record, string schema)
    {
        (Series, Record) = (series, record);
        Names = new TableNames(schema, record.Id);
        MetricIds = [.. series.Model.Spec.Metrics.Select(spec => record.Metrics.First(m => m.Is(spec)).Id)];
        string[] columns = [.. series.Model.Spec.Metrics.Select(spec => Sql.Quote(record.Metrics.First(m => m.Is(spec)).Column))];
        Ticks = new TickSql(Names.Ticks);
        Keys = new KeySql(Names.Keys, [.. record.Dimensions.Select(d => Sql.Quote(d.Column))]);
        Bars = new BarSql(Names.Bars(series.Model.Spec.RollupNs), columns);
        RollupNs = series.Model.Spec.RollupNs;
    }

    public Series Series { get; }

    /// <summary>What the store remembers of the spec.</summary>
    public StoredSeries Record { get; }

    public TableNames Names { get; }

    public long RollupNs { get; }

    /// <summary>The store's number for each metric of the model, in its order.</summary>
    public int[] MetricIds { get; }

    public TickSql Ticks { get; }

    public KeySql Keys { get; }

    public BarSql Bars { get; }
}
