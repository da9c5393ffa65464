namespace Tikr.Orleans.Postgres.Schema;

/// <summary>
/// What the clustering provider asks for. A change of membership is one statement that first raises the version it was
/// based on: of several that start from the same version one waits for the row, finds the version gone, and changes nothing.
/// </summary>
internal static class ClusteringQueries
{
    private const string ThisSilo = "deploymentid = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation";

    private const string Columns =
        "v.version, m.deploymentid, m.address, m.port, m.generation, m.siloname, m.hostname, "
            + "m.status, m.proxyport, m.suspecttimes, m.starttime, m.iamalivetime";

    /// <summary>Query texts by key.</summary>
    public static readonly IReadOnlyDictionary<string, string> All = new Dictionary<string, string>
    {
        ["InsertMembershipVersionKey"] = """
            WITH fresh AS (
                INSERT INTO orleansmembershipversiontable (deploymentid) VALUES (@DeploymentId) ON CONFLICT DO NOTHING RETURNING version
            )
            SELECT EXISTS (SELECT FROM fresh)
            """,
        ["InsertMembershipKey"] = $"""
            WITH raised AS (
                UPDATE orleansmembershipversiontable SET version = version + 1, "timestamp" = now()
                WHERE deploymentid = @DeploymentId AND version = @Version
                    AND NOT EXISTS (SELECT FROM orleansmembershiptable WHERE {ThisSilo})
                RETURNING version
            ), entered AS (
                INSERT INTO orleansmembershiptable
                    (deploymentid, address, port, generation, siloname, hostname, status, proxyport, starttime, iamalivetime)
                SELECT @DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName,
                    @Status, @ProxyPort, @StartTime, @IAmAliveTime FROM raised
                RETURNING port
            )
            SELECT EXISTS (SELECT FROM entered)
            """,
        ["UpdateMembershipKey"] = $"""
            WITH raised AS (
                UPDATE orleansmembershipversiontable SET version = version + 1, "timestamp" = now()
                WHERE deploymentid = @DeploymentId AND version = @Version AND EXISTS (SELECT FROM orleansmembershiptable WHERE {ThisSilo})
                RETURNING version
            ), changed AS (
                UPDATE orleansmembershiptable SET status = @Status, suspecttimes = @SuspectTimes, iamalivetime = @IAmAliveTime
                WHERE {ThisSilo} AND EXISTS (SELECT FROM raised)
                RETURNING port
            )
            SELECT EXISTS (SELECT FROM changed)
            """,
        ["UpdateIAmAlivetimeKey"] = $"UPDATE orleansmembershiptable SET iamalivetime = @IAmAliveTime WHERE {ThisSilo}",
        // The version is read also where no silo is.
        ["MembershipReadAllKey"] = $"""
            SELECT {Columns} FROM orleansmembershipversiontable v LEFT JOIN orleansmembershiptable m USING (deploymentid)
            WHERE v.deploymentid = @DeploymentId
            """,
        ["MembershipReadRowKey"] = $"""
            SELECT {Columns} FROM orleansmembershipversiontable v
            LEFT JOIN orleansmembershiptable m ON m.deploymentid = v.deploymentid AND m.address = @Address
                AND m.port = @Port AND m.generation = @Generation
            WHERE v.deploymentid = @DeploymentId
            """,
        ["GatewaysQueryKey"] = """
            SELECT address, proxyport, generation FROM orleansmembershiptable
            WHERE deploymentid = @DeploymentId AND status = @Status AND proxyport > 0
            """,
        ["DeleteMembershipTableEntriesKey"] = """
            DELETE FROM orleansmembershiptable WHERE deploymentid = @DeploymentId;
            DELETE FROM orleansmembershipversiontable WHERE deploymentid = @DeploymentId
            """,
        // 3 is active: a silo that merely cannot write its sign of life is for the others to judge.
        ["CleanupDefunctSiloEntriesKey"] = """
            DELETE FROM orleansmembershiptable WHERE deploymentid = @DeploymentId AND status <> 3 AND iamalivetime < @IAmAliveTime
            """,
    };
}
