using Tikr.Storage.Timescale;
using Tikr.Storage.Timescale.Retention;

namespace Tikr.Tests.Storage.Timescale;

/// <summary>The statements that tables get under each licence.</summary>
public sealed class RetentionPolicyTests
{
    private const string Apache = "apache", Community = "timescale";

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1), Hour = TimeSpan.FromHours(1),
        Day = TimeSpan.FromHours(24), Trail = TimeSpan.FromSeconds(62);

    private static readonly InstalledRetention Fresh = new(5 * Minute, null, null, null);

    [Theory]
    [InlineData(1, 5, 1)]
    [InlineData(2, 5, 1)]
    [InlineData(6, 15, 2)]
    [InlineData(12, 30, 5)]
    [InlineData(24, 60, 5)]
    public void Chunks_and_schedule_fit_the_ttl(int hours, int chunkMinutes, int scheduleMinutes) =>
        Assert.Equal(new ChunkPlan(chunkMinutes * Minute, scheduleMinutes * Minute), ChunkPlan.For(hours * Hour));

    [Fact]
    public void The_community_licence_gets_a_retention_policy_with_a_schedule() => Assert.Equal(
        ["SELECT add_retention_policy('\"tikr\".ticks_1', drop_after => INTERVAL '3662000000 "
            + "microseconds', schedule_interval => INTERVAL '60000000 microseconds')"],
        Changes(Community, Ticks(Hour), Fresh));

    [Fact]
    public void A_changed_ttl_changes_chunks_and_policy() => Assert.Equal(
        [
            "SELECT set_chunk_time_interval('\"tikr\".ticks_1', INTERVAL '3600000000 microseconds')",
            "SELECT remove_retention_policy('\"tikr\".ticks_1')",
            "SELECT add_retention_policy('\"tikr\".ticks_1', drop_after => INTERVAL '86462000000 "
                + "microseconds', schedule_interval => INTERVAL '300000000 microseconds')",
        ],
        Changes(Community, Ticks(Day), new InstalledRetention(5 * Minute, Hour + Trail, Minute, null)));

    [Fact]
    public void Nothing_is_run_where_all_is_as_it_should_be()
    {
        Assert.Empty(Changes(Community, Ticks(Hour), new InstalledRetention(5 * Minute, Hour + Trail, Minute, null)));
        Assert.Empty(Changes(Apache, Ticks(Hour), Fresh));
    }

    [Fact]
    public void The_apache_licence_gets_chunk_intervals_and_nothing_that_it_would_refuse()
    {
        Assert.Equal(
            ["SELECT set_chunk_time_interval('\"tikr\".ticks_1', INTERVAL '3600000000 microseconds')"],
            Changes(Apache, Ticks(Day) with { CompressAfter = 2 * Hour }, Fresh));
        Assert.False(RetentionPolicySql.IsNative(Apache, TimescaleRetention.Auto));
    }

    [Fact]
    public void The_reaper_instead_of_policies_takes_them_away()
    {
        Assert.Equal(
            ["SELECT remove_retention_policy('\"tikr\".ticks_1')"],
            RetentionPolicySql.Changes(
                Community, TimescaleRetention.Reaper, Ticks(Hour), new InstalledRetention(5 * Minute, Hour + Trail, Minute, null)));
        Assert.False(RetentionPolicySql.IsNative(Community, TimescaleRetention.Reaper));
        Assert.True(RetentionPolicySql.IsNative(Community, TimescaleRetention.Auto));
    }

    [Fact]
    public void Compression_is_a_policy_of_its_own_and_goes_when_it_is_switched_off()
    {
        var bars = new RetentionTarget("\"tikr\".bars_1_1", Hour, Minute, 10 * Minute);
        var expiring = new InstalledRetention(5 * Minute, Hour + Minute, Minute, null);
        Assert.Equal(
            [
                "ALTER TABLE \"tikr\".bars_1_1 SET (timescaledb.compress, timescaledb.compress_segmentby "
                    + "= 'key_id', timescaledb.compress_orderby = 'bucket')",
                "SELECT add_compression_policy('\"tikr\".bars_1_1', compress_after => INTERVAL "
                    + "'600000000 microseconds', schedule_interval => INTERVAL '300000000 microseconds')",
            ],
            Changes(Community, bars, expiring));
        Assert.Empty(Changes(Community, bars, expiring with { CompressAfter = 10 * Minute }));

        // How chunks are compressed is said once: older versions refuse it beside compressed ones.
        Assert.Equal(
            ["SELECT add_compression_policy('\"tikr\".bars_1_1', compress_after => INTERVAL "
                + "'600000000 microseconds', schedule_interval => INTERVAL '300000000 microseconds')"],
            Changes(Community, bars, expiring with { CanCompress = true }));
        Assert.Equal(
            ["SELECT remove_compression_policy('\"tikr\".bars_1_1')"],
            Changes(Community, bars with { CompressAfter = null }, expiring with { CompressAfter = 10 * Minute }));
    }

    private static RetentionTarget Ticks(TimeSpan ttl) => new("\"tikr\".ticks_1", ttl, Trail);

    private static IEnumerable<string> Changes(string licence, RetentionTarget target, InstalledRetention installed) =>
        RetentionPolicySql.Changes(licence, TimescaleRetention.Auto, target, installed);
}
