using System.Text;
using Tikr.Core.Specs;
using Tikr.Storage.Timescale.Catalog;

namespace Tikr.Storage.Timescale.Schema.Views;

/// <summary>All views and functions of one series as SQL text.</summary>
internal sealed class SeriesViews
{
    private readonly TimescaleSeries _series;
    private readonly TimescaleStoreOptions _options;
    private readonly string _schema;
    private readonly Dictionary<(ViewKind Kind, long RollupNs), string> _names;
    private readonly StringBuilder _sql = new();

    /// <param name="series">The series.</param>
    /// <param name="options">Schema and TTLs.</param>
    /// <param name="objects">What it has, with names.</param>
    /// <param name="barColumns">Columns of its tables of bars by granularity.</param>
    public SeriesViews(TimescaleSeries series, TimescaleStoreOptions options,
        IReadOnlyList<ViewObject> objects, IReadOnlyDictionary<long, HashSet<string>> barColumns)
    {
        (_series, _options, _schema) = (series, options, Sql.Quote(options.Schema));
        _names = objects.ToDictionary(o => (o.Kind, o.RollupNs), o => $"{_schema}.{Sql.Quote(o.Name)}");
        var ticks = AddTicks();
        foreach (var rollup in barColumns.Keys.Order()) AddBars(rollup, barColumns[rollup]);
        AddFunctions(ticks, new BarViewSql(series, _schema, _options.BarsTtl, series.RollupNs, barColumns[series.RollupNs]));
        Create = _sql.ToString();
        Drop = string.Concat(Functions.AsEnumerable().Reverse().Select(f => $"DROP FUNCTION IF EXISTS {f};\n"))
            + string.Concat(Views.Reverse().Select(v => $"DROP VIEW IF EXISTS {v};\n"));
    }

    /// <summary>Creates or replaces all of them, with comments.</summary>
    public string Create { get; }

    /// <summary>Drops all of them.</summary>
    public string Drop { get; }

    /// <summary>Views, quoted, with the schema; each after those it rests on.</summary>
    public IEnumerable<string> Views => new[] { ViewKind.Stored, ViewKind.Ticks, ViewKind.Bars }.SelectMany(
        kind => _names.Where(n => n.Key.Kind == kind).Select(n => n.Value));

    /// <summary>Functions with the types of their arguments.</summary>
    public List<string> Functions { get; } = [];

    /// <summary>What a series has.</summary>
    public static IEnumerable<(ViewKind Kind, long RollupNs)> Wanted(TimescaleSeries series, IEnumerable<long> rollups)
    {
        if (Dedups(series)) yield return (ViewKind.Stored, 0);
        yield return (ViewKind.Ticks, 0);
        foreach (var rollup in rollups.Order()) yield return (ViewKind.Bars, rollup);
        if (series.Record.Dimensions.Count > FunctionSql.MostDimensions) yield break;
        yield return (ViewKind.KeyFunction, 0);
        yield return (ViewKind.BarsFunction, 0);
        yield return (ViewKind.TicksFunction, 0);
    }

    private static bool Dedups(TimescaleSeries series) => series.Series.Model.Spec.Dedup == DedupPolicy.Sequence;

    private TickViewSql AddTicks()
    {
        var ticks = new TickViewSql(_series, _schema, _options.TicksTtl);
        var view = _names[(ViewKind.Ticks, 0)];
        if (!_names.TryGetValue((ViewKind.Stored, 0), out var stored))
        {
            AddView(view, ticks.Stored,
                $"Raw ticks of series '{_series.Series.Name}', unpacked from their blocks; expired ones are left out", ticks.All);
            return ticks;
        }

        AddView(stored, ticks.Stored,
            $"Raw ticks of series '{_series.Series.Name}' as stored, repeats included; expired ones are left out", ticks.All);
        AddView(
            view, FunctionSql.Once($"SELECT * FROM {stored}", ticks),
            $"Raw ticks of series '{_series.Series.Name}', each (key, timestamp, "
                + $"sequence) once: the one stored first; all of those without a sequence; expired ones are left out", ticks.All);
        return ticks;
    }

    private void AddBars(long rollupNs, HashSet<string> present)
    {
        var bars = new BarViewSql(_series, _schema, _options.BarsTtl, rollupNs, present);
        AddView(
            _names[(ViewKind.Bars, rollupNs)], bars.Query,
            $"Bars of {ViewNames.Granularity(rollupNs)} of series '{_series.Series.Name}', "
                + $"one per key and bucket; expired ones are left out", bars.All);
    }

    private void AddFunctions(TickViewSql ticks, BarViewSql bars)
    {
        if (!_names.TryGetValue((ViewKind.KeyFunction, 0), out var key)) return;
        var record = _series.Record;
        var functions = new FunctionSql(bars.Columns.Dimensions);
        AddFunction(
            functions.Key(key, _series.Names.Keys, record.Dimensions.Select(d => d.Column)), $"{key}({functions.KeyTypes})",
            $"Number of a key of series '{record.Name}': key_id of its bars and ticks; NULL if there is none");

        var (ofBars, ofTicks) = (_names[(ViewKind.BarsFunction, 0)], _names[(ViewKind.TicksFunction, 0)]);
        var (barView, tickView) = (_names[(ViewKind.Bars, _series.RollupNs)], _names[(ViewKind.Ticks, 0)]);
        var stored = _names.GetValueOrDefault((ViewKind.Stored, 0), tickView);
        AddFunction(
            functions.Bars(ofBars, key, barView, bars), $"{ofBars}({functions.RangeTypes})",
                $"Bars of one key of series '{record.Name}' whose bucket starts in [start_time, end_time)");
        AddFunction(
            functions.Ticks(ofTicks, key, tickView, stored, ticks), $"{ofTicks}({functions.RangeTypes})",
                $"Raw ticks of one key of series '{record.Name}' in [start_time, end_time)");
        if (record.Dimensions.Count > 0)
        {
            AddFunction(
                functions.Ticks(ofTicks, null, tickView, stored, ticks), $"{ofTicks}(timestamptz, timestamptz)",
                $"Raw ticks of all keys of series '{record.Name}' in [start_time, end_time); other blocks are not read");
        }
    }

    private void AddView(string name, string query, string comment, IEnumerable<ViewColumn> columns)
    {
        _sql.Append("CREATE OR REPLACE VIEW ").Append(name).Append(" AS\n").Append(query).Append(";\n");
        _sql.Append("COMMENT ON VIEW ").Append(name).Append(" IS ").Append(Sql.Literal(comment)).Append(";\n");
        foreach (var column in columns)
            _sql.Append("COMMENT ON COLUMN ").Append(name).Append('.').Append(column.Quoted)
                .Append(" IS ").Append(Sql.Literal(column.Comment)).Append(";\n");
    }

    private void AddFunction(string create, string signature, string comment)
    {
        Functions.Add(signature);
        _sql.Append(create).Append("\nCOMMENT ON FUNCTION ").Append(signature).Append(" IS ").Append(Sql.Literal(comment)).Append(";\n");
    }
}
