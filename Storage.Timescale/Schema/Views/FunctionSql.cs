namespace Tikr.Storage.Timescale.Schema.Views;

/// <summary>
/// Functions that read a range of one key. Plain SQL over the views, so that the planner puts them into the query that calls them; only the
/// number of the key is looked up with the owner's rights, by the index on whole keys.
/// </summary>
internal sealed class FunctionSql(ViewColumn[] dimensions)
{
    /// <summary>PostgreSQL's limit of arguments, less those of the range.</summary>
    public const int MostDimensions = 98;

    private readonly string _start = ViewColumns.Parameter("start_time", dimensions), _end = ViewColumns.Parameter("end_time", dimensions);

    /// <summary>Types of the arguments that name a key and then those that name a range.</summary>
    public string KeyTypes => string.Join(", ", dimensions.Select(_ => "text"));

    public string RangeTypes => $"{KeyTypes}{Comma}timestamptz, timestamptz";

    private string Comma => dimensions.Length == 0 ? "" : ", ";

    private string KeyParameters => string.Join(", ", dimensions.Select(d => d.Quoted + " text"));

    private string RangeParameters => $"{_start} timestamptz, {_end} timestamptz";

    /// <summary>The number of a key.</summary>
    public string Key(string name, string table, IEnumerable<string> keyColumns)
    {
        var sort = dimensions.Length == 0 ? "''::bytea"
            : $"substring({string.Join(" || ", dimensions.Select((_, i) => $"convert_to(${i + 1}, 'UTF8') || decode('00', 'hex')"))} "
                + $"FROM 1 FOR {Keys.DimensionText.SortBytes})";
        var values = string.Concat(keyColumns.Select((c, i) => $" AND {Sql.Quote(c)} = ${i + 1}"));
        return $"""
            CREATE OR REPLACE FUNCTION {name}({KeyParameters}) RETURNS bigint
            LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS {Sql.Literal(
                $"SELECT key_id FROM {table} WHERE sort = {sort}{values}")};
            REVOKE ALL ON FUNCTION {name}({KeyTypes}) FROM PUBLIC;
            """;
    }

    /// <summary>Bars of a key whose bucket starts in a range.</summary>
    public string Bars(string name, string keyFunction, string view, BarViewSql bars) => Range(
        name, view, KeyParameters, $"SELECT v.* FROM {view} AS v WHERE v.{bars.KeyId.Quoted} = "
            + $"{KeyOf(keyFunction)} AND {Within("v." + bars.Bucket.Quoted, dimensions.Length)}");

    /// <summary>Ticks in a range: of a key, or of all.</summary>
    /// <param name="name">The function.</param>
    /// <param name="keyFunction">What finds the key; null for all keys.</param>
    /// <param name="view">The view whose rows it returns.</param>
    /// <param name="stored">Where it reads them.</param>
    /// <param name="ticks">The columns.</param>
    public string Ticks(string name, string? keyFunction, string view, string stored, TickViewSql ticks)
    {
        var before = keyFunction is null ? 0 : dimensions.Length;
        var ofKey = keyFunction is null ? "" : $"v.{ticks.KeyId.Quoted} = {KeyOf(keyFunction)} AND ";
        var block = "v." + ticks.BlockTime.Quoted;
        var where = $"{ofKey}{Within("v." + ticks.Time.Quoted, before)} AND {block} >= ${before + 1} - "
            + $"interval '{FlushCommit.MaxBlockSpanNs / 1_000_000_000} seconds' AND {block} < ${before + 2}";
        var query = stored == view
            ? $"SELECT v.* FROM {view} AS v WHERE {where}" : Once($"SELECT v.* FROM {stored} AS v WHERE {where}", ticks);
        return Range(name, view, before == 0 ? "" : KeyParameters, query);
    }

    /// <summary>The first of the ticks that repeat each other. One without a sequence repeats none: its position makes it itself.</summary>
    public static string Once(string query, TickViewSql ticks)
    {
        var position = ticks.Position.Select(part => part.Quoted).ToList();
        var own = position.Select(part => $"CASE WHEN {ticks.Sequence.Quoted} = 0 THEN {part} END");
        var identity = string.Join(", ", [ticks.Identity, .. own]);
        return $"SELECT DISTINCT ON ({identity}) s.* FROM ({query}) AS s ORDER BY {identity}, {string.Join(", ", position)}";
    }

    private string Range(string name, string view, string parameters, string query) =>
        $"CREATE OR REPLACE FUNCTION {name}({parameters}{(parameters.Length == 0 ? "" : ", ")}{RangeParameters}) "
            + $"RETURNS SETOF {view}\nLANGUAGE sql STABLE PARALLEL SAFE AS {Sql.Literal(query)};";

    private string KeyOf(string function) => $"(SELECT {function}({string.Join(", ", dimensions.Select((_, i) => $"${i + 1}"))}))";

    private static string Within(string column, int before) => $"{column} >= ${before + 1} AND {column} < ${before + 2}";
}
