using System.Globalization;
using Tikr.Contracts;

namespace Tikr.Cli.Replay;

/// <summary>Turns lines of a file into ticks; a line that is no tick is an error that names file, line and column.</summary>
internal sealed class TickReader(CsvReader csv, ColumnMap map, long shiftNs)
{
    private readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> _values =
        new Dictionary<string, string>().GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The tick of the line last read, or null and what is wrong with it.</summary>
    public TickData? Read(out string? problem)
    {
        if (csv.FieldCount != map.Columns.Length)
        {
            problem = $"{csv.Path}:{csv.Line}: {csv.FieldCount} columns where the heading has {map.Columns.Length}";
            return null;
        }

        var tick = new TickData();
        for (var i = 0; i < map.Columns.Length; i++)
        {
            if (Set(tick, map.Columns[i], csv.Field(i))) continue;
            problem = $"{csv.Path}:{csv.Line}: column {map.Columns[i].Name} = '{csv.Field(i)}': {Rule(map.Columns[i].Role)}";
            return null;
        }

        problem = null;
        return tick;
    }

    private bool Set(TickData tick, Column column, ReadOnlySpan<char> text)
    {
        switch (column.Role)
        {
            case ColumnRole.Timestamp:
                if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var time)) return false;
                tick.TimestampNs = (ulong)(time + shiftNs);
                return true;
            case ColumnRole.Sequence:
                if (!uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)) return false;
                tick.Sequence = sequence;
                return true;
            case ColumnRole.Dimension:
                tick.Dimensions[column.Target] = Interned(text);
                return true;
            case ColumnRole.Field:
                // An empty cell is a field that is not given: what that means is the series' missing_field policy.
                if (text.Length == 0) return true;
                if (!TryParseValue(text, out var value)) return false;
                tick.Fields[column.Target] = value;
                return true;
            default:
                return true;
        }
    }

    private static bool TryParseValue(ReadOnlySpan<char> text, out long value)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value)) return true;
        var isUnsigned = ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bits);
        value = (long)bits;
        return isUnsigned;
    }

    private static string Rule(ColumnRole role) => role switch
    {
        ColumnRole.Timestamp => "a timestamp is a whole number since the Unix epoch",
        ColumnRole.Sequence => "a sequence is a whole number from 0 to 4294967295",
        _ => "a field is a whole number of 64 bits; scale decimals before (12.34 as 123400)",
    };

    private string Interned(ReadOnlySpan<char> text)
    {
        if (_values.TryGetValue(text, out var known)) return known;
        var value = text.ToString();
        if (_values.Dictionary.Count < 100_000) _values.Dictionary.Add(value, value);
        return value;
    }
}
