namespace Tikr.Storage.Timescale.Schema.Views;

/// <summary>
/// The SQL function that finds the columns of a tick block (docs/tick-blocks.md): a walk from each column to the next, since only its own
/// head says how long a column is. Plain SQL, so that the planner takes it apart and puts it into the query that calls it.
/// </summary>
internal static class BlockFunction
{
    public const string Name = "tick_block_columns";

    /// <summary>What a row of the function is: the places of a block, in their order.</summary>
    public const int Keys = 0, Counts = 1, Ranks = 2, Times = 3, SequenceBases = 4, Sequences = 5, Presence = 6, FieldBases = 7, Values = 8;

    /// <summary>Roles whose columns have a value per key, not per tick.</summary>
    private const string PerKey = "(0, 1, 2, 4, 7)";

    /// <summary>Creates it. <paramref name="schema"/> is quoted.</summary>
    public static string Create(string schema) => $"""
        CREATE OR REPLACE FUNCTION {schema}.{Name}(block bytea)
        RETURNS TABLE (role integer, field integer, count integer, width integer, base bigint, gcd bigint, bits varbit)
        LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 8 AS {Sql.Literal(Body)};
        COMMENT ON FUNCTION {schema}.{Name}(bytea) IS {Sql.Literal(
            "Packed columns of a tick block: value i is base + gcd * substring(bits FROM i * width + 1 FOR width)::bigint. "
            + "Roles: 0 key numbers, 1 ticks per key, "
            + "2 first ranks, 3 times, 4 sequences per key, 5 sequences, 6 presence, 7 field per key, 8 field")};
        """;

    // Rows of the walk: where a column begins (at), where its bits begin (body), how many fields are still to come behind it. A column that
    // may be split is led by a byte: 1 says that a column of values per key comes first; steps 9 and 10 stand for that byte of sequences
    // and of fields. OFFSET 0 keeps the planner from copying one expression into another, which would grow without bound.
    private static string Body { get; } = $"""
        WITH RECURSIVE form AS (
            SELECT get_byte(block, 1) & 1 = 1 AS shared, get_byte(block, 1) & 2 = 2 AS sparse,
                {Varint("2", 2)} AS ticks, 2 + {VarintLength("2", 2)} AS at
            WHERE CASE WHEN get_byte(block, 0) = 1 THEN true
                ELSE ('tick block of version ' || get_byte(block, 0) || ', which this function cannot read')::boolean END
            OFFSET 0),
        head AS (
            SELECT shared, sparse, ticks, CASE WHEN shared THEN {Varint("at", 2)} ELSE 1 END::integer AS keys,
                CASE WHEN NOT shared THEN {Varint("at", 5)} END AS first_rank, at + {VarintLength("at", 5)} AS at
            FROM form OFFSET 0),
        walk AS (
            SELECT shared, sparse, ticks, keys, role, 0 AS field, fields, at, get_byte(block, at) AS width, {BodyAt} AS body
            FROM (
                SELECT shared, sparse, ticks, keys, CASE WHEN shared THEN 0 ELSE 3 END AS role,
                    CASE WHEN NOT shared THEN get_byte(block, at) END AS fields,
                    CASE WHEN shared THEN at ELSE at + 1 END AS at
                FROM head OFFSET 0) AS first
            UNION ALL
            SELECT shared, sparse, ticks, keys, role, field, fields, at, get_byte(block, at), {BodyAt}
            FROM (
                SELECT shared, sparse, ticks, keys, field, fields,
                    CASE step WHEN 9 THEN 5 - get_byte(block, at) WHEN 10 THEN 8 - get_byte(block, at) ELSE step END AS role,
                    CASE WHEN step > 8 THEN at + 1 ELSE at END AS at
                FROM (
                    SELECT shared, sparse, ticks, keys, CASE WHEN role IN (5, 8) THEN fields - 1 ELSE fields END AS fields,
                        CASE role WHEN 0 THEN 1 WHEN 1 THEN 2 WHEN 2 THEN 3 WHEN 4 THEN 5 WHEN 7 THEN 8
                            WHEN 3 THEN CASE WHEN shared THEN 9 ELSE 5 END
                            WHEN 6 THEN CASE WHEN shared THEN 10 ELSE 8 END
                            ELSE CASE WHEN sparse THEN 6 WHEN shared THEN 10 ELSE 8 END END AS step,
                        CASE WHEN role IN (5, 8) THEN ({Varint("stop", 3)})::integer ELSE field END AS field,
                        CASE WHEN role IN (5, 8) THEN stop + {VarintLength("stop", 3)} WHEN role = 2 THEN stop + 1 ELSE stop END AS at
                    FROM (
                        SELECT shared, sparse, ticks, keys, role, field, stop,
                            CASE WHEN role = 2 THEN get_byte(block, stop) ELSE fields END AS fields
                        FROM (SELECT *, body + ({Count} * width + 7) / 8 AS stop FROM walk) AS ended
                        WHERE role NOT IN (5, 8) OR fields > 0 OFFSET 0) AS entered OFFSET 0) AS placed OFFSET 0) AS next)
        SELECT 2, 0, 1, 0, first_rank::bigint, 1::bigint, ''::varbit FROM head WHERE NOT shared
        UNION ALL
        SELECT role, field, {Count}, width,
            CASE WHEN get_byte(block, at + 1) < 16 THEN 0
                ELSE substring({Bits("at + 3", "get_byte(block, at + 1) >> 4")} FROM 1)::bit(64)::bigint
                    >> (64 - 8 * (get_byte(block, at + 1) >> 4)) END,
            CASE WHEN get_byte(block, at + 1) & 15 = 0 THEN 1
                ELSE substring({Bits("at + 3 + (get_byte(block, at + 1) >> 4)", "get_byte(block, at + 1) & 15")} FROM 1 FOR 64)::bigint END,
            {Bits("body + 1", $"({Count} * width + 7) / 8")}
        FROM walk
        """;

    private static string BodyAt => "at + 2 + (get_byte(block, at + 1) >> 4) + (get_byte(block, at + 1) & 15)";

    private static string Count => $"CASE WHEN role IN {PerKey} THEN keys ELSE ticks END";

    private static string Bits(string from, string bytes) => $"('x' || encode(substring(block FROM {from} FOR {bytes}), 'hex'))::varbit";

    /// <summary>A varint of at most so many bytes at a place.</summary>
    private static string Varint(string at, int most, int part = 0)
    {
        var here = $"get_byte(block, {at}{(part == 0 ? "" : $" + {part}")})";
        var wide = most > 4 ? "::bigint" : "";
        var low = part == 0 ? $"({here} & 127){wide}" : $"(({here} & 127){wide} << {7 * part})";
        return part == most - 1 ? low : $"CASE WHEN {here} < 128 THEN {low} ELSE {low} | {Varint(at, most, part + 1)} END";
    }

    private static string VarintLength(string at, int most, int part = 0) => part == most - 1
        ? $"{most}"
        : $"CASE WHEN get_byte(block, {at} + {part}) < 128 THEN {part + 1} ELSE {VarintLength(at, most, part + 1)} END";
}
