namespace Tikr.Orleans.Postgres.Schema;

/// <summary>
/// The tables of clustering and grain storage. Names and columns are those that every ADO.NET deployment of Orleans has, so
/// that a database set up by other means goes on being used as it is.
/// </summary>
internal static class OrleansTables
{
    private static readonly string[] Text = ["character varying", "text"];
    private static readonly string[] Whole = ["integer"];
    private static readonly string[] Big = ["bigint"];
    private static readonly string[] Instant = ["timestamp with time zone"];

    /// <summary>Texts of the queries, by the keys that the providers ask for.</summary>
    public static readonly OrleansTable Queries = new(
        "orleansquery",
        new Dictionary<string, string[]> { ["querykey"] = Text, ["querytext"] = Text },
        """
        CREATE TABLE orleansquery (
            querykey text PRIMARY KEY,
            querytext text NOT NULL
        );
        COMMENT ON TABLE orleansquery IS 'Queries of the Orleans ADO.NET providers';
        """);

    /// <summary>Version of each cluster's membership: every change of membership raises it by one.</summary>
    public static readonly OrleansTable MembershipVersion = new(
        "orleansmembershipversiontable",
        new Dictionary<string, string[]> { ["deploymentid"] = Text, ["timestamp"] = Instant, ["version"] = Whole },
        """
        CREATE TABLE orleansmembershipversiontable (
            deploymentid text PRIMARY KEY,
            "timestamp" timestamptz(3) NOT NULL DEFAULT now(),
            version integer NOT NULL DEFAULT 0
        );
        COMMENT ON TABLE orleansmembershipversiontable IS 'Orleans clustering: version of the membership per cluster';
        """);

    /// <summary>One row per silo that ever was in a cluster, until it is cleaned up.</summary>
    public static readonly OrleansTable Membership = new(
        "orleansmembershiptable",
        new Dictionary<string, string[]>
        {
            ["deploymentid"] = Text,
            ["address"] = Text,
            ["port"] = Whole,
            ["generation"] = Whole,
            ["siloname"] = Text,
            ["hostname"] = Text,
            ["status"] = Whole,
            ["proxyport"] = Whole,
            ["suspecttimes"] = Text,
            ["starttime"] = Instant,
            ["iamalivetime"] = Instant,
        },
        """
        CREATE TABLE orleansmembershiptable (
            deploymentid text NOT NULL REFERENCES orleansmembershipversiontable (deploymentid),
            address text NOT NULL,
            port integer NOT NULL,
            generation integer NOT NULL,
            siloname text NOT NULL,
            hostname text NOT NULL,
            status integer NOT NULL,
            proxyport integer,
            suspecttimes text,
            starttime timestamptz(3) NOT NULL,
            iamalivetime timestamptz(3) NOT NULL,
            PRIMARY KEY (deploymentid, address, port, generation)
        );
        COMMENT ON TABLE orleansmembershiptable IS 'Orleans clustering: the silos of each cluster';
        COMMENT ON COLUMN orleansmembershiptable.status IS '1 created, 2 joining, 3 active, 4 shutting down, 5 stopping, 6 dead';
        """);

    /// <summary>State of grains.</summary>
    public static readonly OrleansTable Storage = new(
        "orleansstorage",
        new Dictionary<string, string[]>
        {
            ["grainidhash"] = Whole,
            ["grainidn0"] = Big,
            ["grainidn1"] = Big,
            ["graintypehash"] = Whole,
            ["graintypestring"] = Text,
            ["grainidextensionstring"] = Text,
            ["serviceid"] = Text,
            ["payloadbinary"] = ["bytea"],
            ["modifiedon"] = ["timestamp without time zone", "timestamp with time zone"],
            ["version"] = Whole,
        },
        """
        CREATE TABLE orleansstorage (
            grainidhash integer NOT NULL,
            grainidn0 bigint NOT NULL,
            grainidn1 bigint NOT NULL,
            graintypehash integer NOT NULL,
            graintypestring text NOT NULL,
            grainidextensionstring text,
            serviceid text NOT NULL,
            payloadbinary bytea,
            modifiedon timestamp NOT NULL,
            version integer NOT NULL
        );
        COMMENT ON TABLE orleansstorage IS 'Orleans grain storage: state of grains';
        COMMENT ON COLUMN orleansstorage.modifiedon IS 'UTC';
        """);

    /// <summary>
    /// Makes one row per grain a rule of the database, which <see cref="StorageQueries"/> rely on: the first writer wins. Names
    /// enter by their digest, for they may be longer than an index entry.
    /// </summary>
    public const string OneStatePerGrain = """
        CREATE UNIQUE INDEX IF NOT EXISTS ux_orleansstorage_grain ON orleansstorage
            (grainidhash, graintypehash, grainidn0, grainidn1, serviceid,
                md5(graintypestring), md5(grainidextensionstring)) NULLS NOT DISTINCT
        """;

    /// <summary>All of them, each after those that it refers to.</summary>
    public static readonly IReadOnlyList<OrleansTable> All = [Queries, MembershipVersion, Membership, Storage];
}
