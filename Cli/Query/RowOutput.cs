using Spectre.Console;

namespace Tikr.Cli.Query;

/// <summary>Where the rows of an answer go.</summary>
internal abstract class RowOutput
{
    /// <summary>Whether times are written for people.</summary>
    public abstract bool IsForPeople { get; }

    /// <summary>Names the columns; called once, before any row.</summary>
    public abstract void Begin(IReadOnlyList<string> columns);

    /// <summary>Adds a row.</summary>
    public abstract void Row(IReadOnlyList<string> cells);

    /// <summary>Ends the output.</summary>
    public abstract void End();

    /// <summary>A time as this output writes it.</summary>
    public string Time(ulong nanoseconds) =>
        IsForPeople ? TimeText.Format(nanoseconds) : nanoseconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>CSV, row by row.</summary>
internal sealed class CsvOutput(TextWriter writer) : RowOutput
{
    public override bool IsForPeople => false;

    public override void Begin(IReadOnlyList<string> columns) => Row(columns);

    public override void Row(IReadOnlyList<string> cells) => writer.WriteLine(string.Join(',', cells.Select(Quoted)));

    public override void End() => writer.Flush();

    private static string Quoted(string cell) =>
        cell.AsSpan().ContainsAny(",\"\r\n") ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;
}

/// <summary>A table for people: the first rows, and how many more there were.</summary>
internal sealed class TableOutput(IAnsiConsole console) : RowOutput
{
    private const int MostShown = 1000;

    private readonly Table _table = new Table().Border(TableBorder.Simple);
    private long _rows;

    public override bool IsForPeople => true;

    public override void Begin(IReadOnlyList<string> columns)
    {
        foreach (var column in columns) _table.AddColumn(new TableColumn(Markup.Escape(column)).NoWrap());
    }

    public override void Row(IReadOnlyList<string> cells)
    {
        if (_rows++ < MostShown) _table.AddRow(cells.Select(cell => new Text(cell)));
    }

    public override void End()
    {
        if (_rows == 0) console.WriteLine("nothing there");
        else console.Write(_table);
        if (_rows > MostShown) console.WriteLine($"... and {_rows - MostShown} more: --format csv writes them all");
    }
}
