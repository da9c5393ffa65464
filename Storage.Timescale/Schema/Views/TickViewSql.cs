using System.Globalization;
using System.Text;
using Tikr.Core.Specs;
using Tikr.Storage.Timescale.Catalog;

namespace Tikr.Storage.Timescale.Schema.Views;

/// <summary>
/// The query behind the view of raw ticks: blocks of one key and shared blocks, each taken apart into its columns once (l), then tick by
/// tick. Names inside it are made of numbers; only what it returns has the names of the spec.
/// </summary>
internal sealed class TickViewSql
{
    private static readonly TimeSpan BlockSpan = TimeSpan.FromTicks(FlushCommit.MaxBlockSpanNs / TimeSpan.NanosecondsPerTick);
    private readonly string _schema;
    private readonly TableNames _tables;
    private readonly StoredSeries _record;
    private readonly FieldRecord[] _fields;
    private readonly bool _keepsAbsence;
    private readonly TimeSpan _ttl;

    public TickViewSql(TimescaleSeries series, string schema, TimeSpan ttl)
    {
        _ttl = ttl;
        var model = series.Series.Model;
        (_schema, _tables, _record) = (schema, series.Names, series.Record);
        _fields = [.. model.Fields.Select(f => series.Record.Fields.First(known => known.Name == f.Name))];
        _keepsAbsence = model.Spec.MissingField == MissingFieldPolicy.Skip;
        Columns = ViewColumns.OfTicks(series.Record, _fields);
        Time = Columns.Fixed("time", "Event time, cut to the microsecond; timestamp_ns is exact");
        TimestampNs = Columns.Fixed("timestamp_ns", "Event time, Unix nanoseconds");
        Sequence = Columns.Fixed("sequence", "The producer's sequence number");
        KeyId = Columns.Fixed("key_id", "Number of the key: of these dimension values together");
        BlockTime = Columns.Fixed("block_time", "Least event time of the stored block: at most 2 s "
            + "before the tick's own. Conditions on it, and only they, keep other blocks from being read");
        Position =
        [
            Columns.Fixed("epoch", "Durable position, first part: epoch of the gateway. Ticks "
                + "of a key are ordered by (timestamp_ns, sequence, epoch, flush, rank)"),
            Columns.Fixed("flush", "Durable position, second part: flush of the epoch"),
            Columns.Fixed("rank", "Durable position, third part: place among the ticks of the key in the flush"),
        ];
    }

    public ViewColumns Columns { get; }

    public ViewColumn Time { get; }

    public ViewColumn TimestampNs { get; }

    public ViewColumn Sequence { get; }

    public ViewColumn KeyId { get; }

    public ViewColumn BlockTime { get; }

    public ViewColumn[] Position { get; }

    /// <summary>All columns, in the order of the view.</summary>
    public IEnumerable<ViewColumn> All =>
        [Time, .. Columns.Dimensions, .. Columns.Values, TimestampNs, Sequence, KeyId, BlockTime, .. Position];

    /// <summary>
    /// What makes a tick the same one where the series removes repeats, in an order that lets conditions on any of it through.
    /// </summary>
    public string Identity =>
        string.Join(", ", [KeyId.Quoted, TimestampNs.Quoted, Sequence.Quoted, .. Columns.Dimensions.Select(d => d.Quoted), Time.Quoted]);

    /// <summary>Every stored tick that has not expired.</summary>
    public string Stored => $"{OneKey}\nUNION ALL\n{SharedKeys}";

    private string OneKey => $"""
        SELECT {Select("i", "l.r_base + i", "")}
        FROM {_tables.Ticks} AS b
        CROSS JOIN LATERAL (SELECT {Pivot(shared: false)} FROM {_schema}.{BlockFunction.Name}(b.block)) AS l
        JOIN {_tables.Keys} AS k ON k.key_id = b.grp
        CROSS JOIN LATERAL generate_series(0, b.ticks - 1) AS i
        CROSS JOIN LATERAL (SELECT {Value("t", "i")} AS ns OFFSET 0) AS t
        WHERE b.grp >= 0 AND {NotExpired}
        """;

    // Keys and where their ticks begin come from the directory: the window adds the counts up in the order in which the series makes the
    // slots.
    private string SharedKeys => $"""
        SELECT {Select("p.at", "d.rank + i", "d.")}
        FROM {_tables.Ticks} AS b
        CROSS JOIN LATERAL (SELECT max(count) FILTER (WHERE role = {BlockFunction.Keys}) AS keys,
            {Pivot(shared: true)} FROM {_schema}.{BlockFunction.Name}(b.block)) AS l
        CROSS JOIN LATERAL (
            SELECT *, (sum(ticks) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) - ticks)::integer AS start
            FROM (SELECT {Directory} FROM generate_series(0, l.keys - 1) AS slot) AS s) AS d
        JOIN {_tables.Keys} AS k ON k.key_id = d.key_id AND b.grp = -1 - k.key_id % {FlushCommit.SharedGroups}
        CROSS JOIN LATERAL generate_series(0, d.ticks - 1) AS i
        CROSS JOIN LATERAL (SELECT d.start + i AS at OFFSET 0) AS p
        CROSS JOIN LATERAL (SELECT {Value("t", "p.at")} AS ns OFFSET 0) AS t
        WHERE b.grp < 0 AND {NotExpired}
        """;

    // A block begins up to its span before its last tick; the partition column is what chunks are left out by.
    private string NotExpired => $"{Expiry.Chunks("b.time", _ttl + BlockSpan)} AND t.ns >= {Expiry.TicksNs(_schema)}";

    private string Directory
    {
        get
        {
            var bases = string.Concat(_fields.Select(f => $", {Value("g" + f.Id, "slot", f.Type)} AS g{f.Id}"));
            return $"{Value("k", "slot")} AS key_id, ({Value("c", "slot")})::integer AS "
                + $"ticks, {Value("r", "slot")} AS rank, {Value("q", "slot")} AS q{bases}";
        }
    }

    private string Select(string at, string rank, string directory)
    {
        var dimensions = _record.Dimensions.Zip(Columns.Dimensions, (d, c) => $", k.{Sql.Quote(d.Column)} AS {c.Quoted}");
        var fields = _fields.Zip(Columns.Values, (f, c) => $",\n    {Field(f, at, directory)} AS {c.Quoted}");
        var sequence = directory.Length == 0 ? "" : $"coalesce({directory}q, 0) + ";
        return $"{Expiry.Time("t.ns")} AS {Time.Quoted}{string.Concat(dimensions)}{string.Concat(fields)},\n "
            + $"   t.ns AS {TimestampNs.Quoted}, {sequence}{Value("s", at)} + i AS {Sequence.Quoted}, "
            + $"k.key_id AS {KeyId.Quoted}, b.time AS {BlockTime.Quoted}, b.epoch AS "
                + $"{Position[0].Quoted}, b.flush AS {Position[1].Quoted}, {rank} AS {Position[2].Quoted}";
    }

    /// <summary>A field of a tick: absent where the block has not the field, or has a column of presence that says so.</summary>
    private string Field(FieldRecord field, string at, string directory)
    {
        var least = directory.Length == 0 ? "" : $"coalesce({directory}g{field.Id}, 0) + ";
        var value = $"CASE WHEN coalesce({Value("p" + field.Id, at)}, 1) = 1 THEN {least}{Value("f" + field.Id, at, field.Type)} END";
        return _keepsAbsence ? value : $"coalesce({value}, 0)";
    }

    /// <summary>The columns of a block side by side.</summary>
    private string Pivot(bool shared)
    {
        var sql = new StringBuilder();
        Add("t", BlockFunction.Times);
        Add("s", BlockFunction.Sequences);
        Add("r", BlockFunction.Ranks);
        foreach (var field in _fields)
        {
            Add("f" + field.Id, BlockFunction.Values, field.Id, field.Type);
            Add("p" + field.Id, BlockFunction.Presence, field.Id);
            if (shared) Add("g" + field.Id, BlockFunction.FieldBases, field.Id, field.Type);
        }

        if (shared)
        {
            Add("k", BlockFunction.Keys);
            Add("c", BlockFunction.Counts);
            Add("q", BlockFunction.SequenceBases);
        }

        return sql.ToString();

        void Add(string name, int role, int field = 0, FieldType type = default)
        {
            var filter = string.Create(CultureInfo.InvariantCulture, $"FILTER (WHERE role = {role} AND field = {field})");
            if (sql.Length > 0) sql.Append(",\n    ");
            sql.Append(CultureInfo.InvariantCulture, $"max(width) {filter} AS {name}_width, max({type.Number("base")}) {filter} "
                + $"AS {name}_base, max(gcd) {filter} AS {name}_gcd, (array_agg(bits) {filter})[1] AS {name}_bits");
        }
    }

    /// <summary>Value <paramref name="at"/> of a packed column.</summary>
    private static string Value(string column, string at, FieldType type = default) => type.Unpacked(
        "l." + column, $"substring(l.{column}_bits FROM {at} * l.{column}_width + 1 FOR l.{column}_width)::bigint");
}
