namespace Tikr.Orleans.Postgres.Schema;

/// <summary>
/// What the grain storage provider asks for. The version is the ETag; an answer equal to the version sent means a conflict.
/// </summary>
internal static class StorageQueries
{
    /// <summary>Writes state; relies on <see cref="OrleansTables.OneStatePerGrain"/>.</summary>
    public const string WriteKey = "WriteToStorageKey";

    private const string ThisGrain =
        "grainidhash = @GrainIdHash AND graintypehash = @GrainTypeHash AND grainidn0 = @GrainIdN0 AND grainidn1 = @GrainIdN1 "
        + "AND graintypestring = @GrainTypeString AND grainidextensionstring IS NOT "
            + "DISTINCT FROM @GrainIdExtensionString::text AND serviceid = @ServiceId";

    /// <summary>Query texts by key.</summary>
    public static readonly IReadOnlyDictionary<string, string> All = new Dictionary<string, string>
    {
        [WriteKey] = $"""
            WITH replaced AS (
                UPDATE orleansstorage SET payloadbinary = @PayloadBinary, modifiedon = now() AT TIME ZONE 'UTC', version = version + 1
                WHERE {ThisGrain} AND version = @GrainStateVersion::integer
                RETURNING version
            ), created AS (
                INSERT INTO orleansstorage
                    (grainidhash, grainidn0, grainidn1, graintypehash, graintypestring, grainidextensionstring,
                        serviceid, payloadbinary, modifiedon, version)
                SELECT @GrainIdHash, @GrainIdN0, @GrainIdN1, @GrainTypeHash, @GrainTypeString, @GrainIdExtensionString::text, @ServiceId,
                    @PayloadBinary, now() AT TIME ZONE 'UTC', 1
                WHERE @GrainStateVersion::integer IS NULL
                ON CONFLICT DO NOTHING
                RETURNING version
            )
            SELECT coalesce((SELECT version FROM replaced), (SELECT version FROM created), @GrainStateVersion::integer)
                AS newgrainstateversion
            """,
        ["ReadFromStorageKey"] = $"SELECT payloadbinary, modifiedon, version FROM orleansstorage WHERE {ThisGrain}",
        ["ClearStorageKey"] = $"""
            UPDATE orleansstorage SET payloadbinary = NULL, modifiedon = now() AT TIME ZONE 'UTC', version = version + 1
            WHERE {ThisGrain} AND version = @GrainStateVersion::integer
            RETURNING version AS newgrainstateversion
            """,
        ["DeleteStorageKey"] = $"""
            DELETE FROM orleansstorage WHERE {ThisGrain} AND version = @GrainStateVersion::integer
            RETURNING version + 1 AS newgrainstateversion
            """,
    };
}
