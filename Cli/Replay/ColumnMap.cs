using Tikr.Contracts;

namespace Tikr.Cli.Replay;

/// <summary>What a column of the file is in a tick.</summary>
internal enum ColumnRole
{
    Ignored,
    Timestamp,
    Sequence,
    Dimension,
    Field,
}

/// <summary>One column of the file.</summary>
/// <param name="Name">Its heading.</param>
/// <param name="Role">What it is.</param>
/// <param name="Target">Name of the dimension or field.</param>
internal sealed record Column(string Name, ColumnRole Role, string Target);

/// <summary>
/// How the columns of a file become ticks. Headings timestamp_ns and sequence and the names of the series' dimensions mean themselves;
/// the rest is said by --map. Without any --map, or with --map auto, every other column is a field of its own name.
/// </summary>
internal sealed class ColumnMap
{
    private const string Auto = "auto";
    private const string Help = "write --map COLUMN=timestamp, =sequence, =dim:NAME, =field:NAME or =ignore";

    private ColumnMap(Column[] columns) => Columns = columns;

    /// <summary>One per column of the file, in its order.</summary>
    public Column[] Columns { get; }

    /// <summary>Index of the timestamp's column.</summary>
    public int Timestamp => Array.FindIndex(Columns, column => column.Role == ColumnRole.Timestamp);

    /// <summary>Columns that are not sent.</summary>
    public IEnumerable<string> Ignored => Columns.Where(column => column.Role == ColumnRole.Ignored).Select(column => column.Name);

    /// <summary>Makes a map; throws with everything that is wrong at once.</summary>
    public static ColumnMap Create(string file, string[] headings, IReadOnlyList<string> maps, SeriesInfo series)
    {
        List<string> problems = [];
        var said = Parse(maps, headings, problems);
        var auto = maps.Count == 0 || maps.Contains(Auto);
        var columns = Array.ConvertAll(headings, heading => said.GetValueOrDefault(heading) ?? Meant(heading, series, auto));
        Check(columns, series, problems);
        return problems.Count == 0 ? new ColumnMap(columns) : throw new CliException($"{file}:1: {string.Join("\n  ", problems)}");
    }

    private static Column Meant(string heading, SeriesInfo series, bool auto)
    {
        if (heading == "timestamp_ns") return new Column(heading, ColumnRole.Timestamp, "");
        if (heading == "sequence") return new Column(heading, ColumnRole.Sequence, "");
        if (series.Dimensions.Contains(heading)) return new Column(heading, ColumnRole.Dimension, heading);
        return auto ? new Column(heading, ColumnRole.Field, heading) : new Column(heading, ColumnRole.Ignored, "");
    }

    private static Dictionary<string, Column> Parse(IReadOnlyList<string> maps, string[] headings, List<string> problems)
    {
        Dictionary<string, Column> said = [];
        foreach (var map in maps.Where(map => map != Auto))
        {
            var at = map.LastIndexOf('=');
            var heading = at > 0 ? map[..at] : map;
            if (at <= 0 || RoleOf(heading, map[(at + 1)..]) is not { } column) problems.Add($"--map '{map}' is not understood: {Help}");
            else if (!headings.Contains(heading))
                problems.Add($"--map '{map}': the file has no column '{heading}'; it has {string.Join(", ", headings)}");
            else if (!said.TryAdd(heading, column)) problems.Add($"--map '{map}': column '{heading}' is mapped twice; give it once");
        }

        return said;
    }

    private static Column? RoleOf(string heading, string role) => role.Split(':', 2) switch
    {
        ["timestamp"] => new Column(heading, ColumnRole.Timestamp, ""),
        ["sequence"] => new Column(heading, ColumnRole.Sequence, ""),
        ["ignore"] => new Column(heading, ColumnRole.Ignored, ""),
        ["dim", { Length: > 0 } name] => new Column(heading, ColumnRole.Dimension, name),
        ["field", { Length: > 0 } name] => new Column(heading, ColumnRole.Field, name),
        _ => null,
    };

    private static void Check(Column[] columns, SeriesInfo series, List<string> problems)
    {
        var timestamps = columns.Count(column => column.Role == ColumnRole.Timestamp);
        if (timestamps != 1) problems.Add(
            $"{timestamps} columns are the timestamp, and exactly one must be: name it timestamp_ns or --map it");
        if (columns.Count(column => column.Role == ColumnRole.Sequence) > 1)
            problems.Add("more than one column is the sequence: --map one of them to ignore");
        foreach (var twice in columns.Where(column => column.Target.Length > 0)
            .GroupBy(column => (column.Role, column.Target)).Where(group => group.Count() > 1))
            problems.Add($"'{twice.Key.Target}' is given by several columns "
                + $"({string.Join(", ", twice.Select(column => column.Name))}): --map one of them");
        var given = columns.Where(column => column.Role == ColumnRole.Dimension).Select(column => column.Target).ToHashSet();
        foreach (var missing in series.Dimensions.Where(name => !given.Contains(name)))
            problems.Add($"no column gives dimension '{missing}' of series '{series.Name}': --map COLUMN=dim:{missing}");
        foreach (var unknown in given.Where(name => !series.Dimensions.Contains(name)))
            problems.Add($"series '{series.Name}' has no dimension '{unknown}': it has {string.Join(", ", series.Dimensions)}");
    }
}
