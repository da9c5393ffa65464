using Tikr.Core.Specs;
using Tikr.Storage.Timescale.Catalog;

namespace Tikr.Storage.Timescale.Schema.Views;

/// <summary>A column of a view.</summary>
/// <param name="Name">Its name, not quoted.</param>
/// <param name="Comment">What it holds.</param>
internal readonly record struct ViewColumn(string Name, string Comment)
{
    public string Quoted => Sql.Quote(Name);
}

/// <summary>
/// Names of the columns of the views. Names of the spec come first: a dimension has its name, then a metric or field; what comes later and
/// finds its name taken, or too long for PostgreSQL, is called by its letter and number. Columns that every view has get underscores behind
/// until they are free.
/// </summary>
internal sealed class ViewColumns
{
    private readonly List<string> _taken = [];

    private ViewColumns(StoredSeries record) =>
        Dimensions = [.. record.Dimensions.Select((d, i) => Choose(d.Name, "d", i + 1, $"Dimension {d.Name}"))];

    public ViewColumn[] Dimensions { get; }

    /// <summary>Metrics or fields.</summary>
    public ViewColumn[] Values { get; private set; } = [];

    /// <summary>Columns of the view of bars.</summary>
    public static ViewColumns OfBars(StoredSeries record, IEnumerable<(MetricSpec Spec, MetricRecord Record)> metrics)
    {
        var columns = new ViewColumns(record);
        columns.Values = [.. metrics.Select(m => columns.Choose(m.Spec.Name, "m", m.Record.Id, Describe(m.Spec)))];
        return columns;
    }

    /// <summary>Columns of the view of ticks.</summary>
    public static ViewColumns OfTicks(StoredSeries record, IEnumerable<FieldRecord> fields)
    {
        var columns = new ViewColumns(record);
        columns.Values = [.. fields.Select(f => columns.Choose(f.Name, "f", f.Id, $"Field {f.Name}, {f.Type}"))];
        return columns;
    }

    /// <summary>A column that every view of its kind has.</summary>
    public ViewColumn Fixed(string name, string comment)
    {
        while (_taken.Contains(name)) name += "_";
        _taken.Add(name);
        return new ViewColumn(name, comment);
    }

    /// <summary>Names of the parameters of functions: those of the dimensions, and others that are free.</summary>
    public static string Parameter(string name, IEnumerable<ViewColumn> dimensions)
    {
        while (dimensions.Any(d => d.Name == name)) name += "_";
        return Sql.Quote(name);
    }

    private static string Describe(MetricSpec metric)
    {
        var unit = metric.Unit is null ? "" : $", in {metric.Unit}";
        var description = metric.Description is null ? "" : $"{metric.Description.TrimEnd('.')}. ";
        var what = metric.Field is null ? metric.Aggregation : $"{metric.Aggregation} of {metric.Field}";
        return $"{description}Metric {metric.Name}: {what}, {metric.Type}{unit}";
    }

    private ViewColumn Choose(string name, string prefix, int number, string comment)
    {
        var chosen = ColumnNames.Choose(name, prefix, number, _taken);
        _taken.Add(chosen);
        return new ViewColumn(chosen, comment);
    }
}
