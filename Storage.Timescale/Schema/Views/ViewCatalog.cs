using Npgsql;

namespace Tikr.Storage.Timescale.Schema.Views;

/// <summary>What the database has of views, as it is now.</summary>
internal sealed class ViewCatalog
{
    private readonly HashSet<string> _relations, _functions;
    private readonly Dictionary<(int SeriesId, ViewKind Kind, long RollupNs), string> _names;
    private readonly Dictionary<int, string> _fingerprints;
    private readonly Dictionary<string, HashSet<string>> _columns;
    private readonly List<(int SeriesId, long RollupNs, string Table)> _barTables;

    private ViewCatalog(
        HashSet<string> relations, HashSet<string> functions, Dictionary<(int SeriesId, ViewKind Kind, long RollupNs), string> names,
        Dictionary<int, string> fingerprints, Dictionary<string, HashSet<string>> columns,
        List<(int SeriesId, long RollupNs, string Table)> barTables)
    {
        _relations = relations;
        _functions = functions;
        _names = names;
        _fingerprints = fingerprints;
        _columns = columns;
        _barTables = barTables;
    }

    public static async Task<ViewCatalog> ReadAsync(NpgsqlConnection connection, TimescaleDatabase database, CancellationToken stop)
    {
        var (schema, name) = (database.Schema, database.Options.Schema);
        var relations = await connection.Command(
            "SELECT relname::text FROM pg_class WHERE relnamespace = quote_ident($1)::regnamespace UNION "
                + "SELECT typname::text FROM pg_type WHERE typnamespace = quote_ident($1)::regnamespace")
            .With(name).ListAsync(r => r.GetString(0), stop).ConfigureAwait(false);
        var functions = await connection.Command(
            "SELECT DISTINCT proname::text FROM pg_proc WHERE pronamespace = quote_ident($1)::regnamespace")
            .With(name).ListAsync(r => r.GetString(0), stop).ConfigureAwait(false);
        var objects = await connection.Command($"SELECT series_id, kind, rollup_ns, name FROM {schema}.view_objects")
            .ListAsync(r => (Key: (r.GetInt32(0), Enum.Parse<ViewKind>(r.GetString(1)), r.GetInt64(2)), Name: r.GetString(3)), stop)
                .ConfigureAwait(false);
        var fingerprints = await connection.Command($"SELECT series_id, fingerprint FROM {schema}.view_series")
            .ListAsync(r => (r.GetInt32(0), r.GetString(1)), stop).ConfigureAwait(false);
        var barTables = await connection.Command($"SELECT series_id, rollup_ns, table_name FROM {schema}.bar_tables")
            .ListAsync(r => (r.GetInt32(0), r.GetInt64(1), r.GetString(2)), stop).ConfigureAwait(false);
        var columns = await connection.Command($"""
            SELECT t.table_name, a.attname::text FROM {schema}.bar_tables AS t
            JOIN pg_class AS c ON c.relname = t.table_name AND c.relnamespace = quote_ident($1)::regnamespace
            JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            """).With(name).ListAsync(r => (Table: r.GetString(0), Column: r.GetString(1)), stop).ConfigureAwait(false);
        return new ViewCatalog(
            [.. relations], [.. functions], objects.ToDictionary(o => o.Key, o => o.Name),
                fingerprints.ToDictionary(f => f.Item1, f => f.Item2),
            columns.GroupBy(c => c.Table).ToDictionary(g => g.Key, g => g.Select(c => c.Column).ToHashSet()), barTables);
    }

    /// <summary>Columns of the tables of bars of a series by granularity.</summary>
    public Dictionary<long, HashSet<string>> BarColumns(int seriesId) =>
        _barTables.Where(t => t.SeriesId == seriesId && _columns.ContainsKey(t.Table))
            .ToDictionary(t => t.RollupNs, t => _columns[t.Table]);

    /// <summary>What a series had when its views were last made.</summary>
    public List<ViewObject> Had(int seriesId) =>
        [.. _names.Where(n => n.Key.SeriesId == seriesId).Select(n => new ViewObject(n.Key.Kind, n.Key.RollupNs, n.Value))];

    /// <summary>Whether the views of a series are those that this SQL makes, and all there.</summary>
    public bool IsCurrent(int seriesId, string fingerprint, IReadOnlyList<ViewObject> objects) =>
        _fingerprints.GetValueOrDefault(seriesId) == fingerprint
            && objects.All(o => (o.IsFunction ? _functions : _relations).Contains(o.Name));

    /// <summary>The name that an object has, or a new one that is nobody's.</summary>
    public ViewObject Name(string series, int seriesId, ViewKind kind, long rollupNs)
    {
        if (_names.TryGetValue((seriesId, kind, rollupNs), out var known)) return new ViewObject(kind, rollupNs, known);
        var isFunction = kind >= ViewKind.KeyFunction;
        var given = _names.Where(n => n.Key.Kind >= ViewKind.KeyFunction == isFunction).Select(n => n.Value).ToHashSet();
        var name = ViewNames.Choose(
            series, seriesId, ViewNames.Ending(kind, rollupNs), wanted =>
                (isFunction ? _functions : _relations).Contains(wanted) || given.Contains(wanted));
        _names.Add((seriesId, kind, rollupNs), name);
        return new ViewObject(kind, rollupNs, name);
    }
}
