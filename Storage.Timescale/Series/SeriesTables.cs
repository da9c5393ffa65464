using Tikr.Storage.Timescale.Bars;
using Tikr.Storage.Timescale.Keys;
using Tikr.Storage.Timescale.Ticks;

namespace Tikr.Storage.Timescale.Series;

/// <summary>A configured series with its tables and the statements on them.</summary>
internal sealed class SeriesTables
{
    public SeriesTables(SeriesHandle handle, SeriesRecord record, string schema)
    {
        (Handle, Record) = (handle, record);
        Names = new TableNames(schema, record.Id);
        MetricIds = [.. handle.Plan.Spec.Metrics.Select(spec => record.Metrics.First(m => m.Is(spec)).Id)];
        string[] columns = [.. handle.Plan.Spec.Metrics.Select(spec => Sql.Quote(record.Metrics.First(m => m.Is(spec)).Column))];
        Ticks = new TickSql(Names.Ticks);
        Keys = new KeySql(Names.Keys, [.. record.Dimensions.Select(d => Sql.Quote(d.Column))]);
        Bars = new BarSql(Names.Bars(handle.Plan.Spec.RollupNs), columns);
        RollupNs = handle.Plan.Spec.RollupNs;
    }

    public SeriesHandle Handle { get; }

    /// <summary>What the store remembers of the spec.</summary>
    public SeriesRecord Record { get; }

    public TableNames Names { get; }

    public long RollupNs { get; }

    /// <summary>The store's number for each metric of the plan, in its order.</summary>
    public int[] MetricIds { get; }

    public TickSql Ticks { get; }

    public KeySql Keys { get; }

    public BarSql Bars { get; }
}
