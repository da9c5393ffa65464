using Tikr.Core.Specs;

namespace Tikr.Storage.Timescale.Schema;

/// <summary>Values of a type in SQL: tables keep their bits as bigint, views show the numbers.</summary>
internal static class FieldTypeSql
{
    private const string TwoTo64 = "18446744073709551616";

    /// <summary>Type of the columns of tables that hold such values.</summary>
    public static string ColumnType(this FieldType _) => "bigint";

    /// <summary>What a table's column says of its values.</summary>
    public static string ColumnComment(this FieldType type) => type.Unsigned ? $"{type} as the bigint with its bits" : type.Word;

    /// <summary>The number that a bigint with the value's bits stands for.</summary>
    public static string Number(this FieldType type, string bits) =>
        type.Unsigned ? $"CASE WHEN {bits} < 0 THEN {bits} + {TwoTo64} ELSE {bits} END" : bits;

    /// <summary>A value of a packed column. A column of 64 bits is raw: base 0, gcd 1.</summary>
    /// <param name="type">Type of the value.</param>
    /// <param name="column">Beginning of the names of the column's parts: _base (a <see cref="Number"/>), _gcd, _width.</param>
    /// <param name="offset">The value's offset, a bigint.</param>
    public static string Unpacked(this FieldType type, string column, string offset) => type.Unsigned
        ? $"({column}_base + CASE WHEN {column}_width < 64 THEN ({column}_gcd * {offset})::numeric ELSE {type.Number(offset)} END)"
        : $"({column}_base + {column}_gcd * {offset})";
}
