using System.Net;
using Tikr.Orleans.Postgres.Membership;

namespace Tikr.Tests.Orleans.Postgres;

/// <summary>Which silos count as dead by their heartbeats.</summary>
public sealed class HeartbeatJudgeTests
{
    private static readonly SiloAddress One = SiloAddress.New(IPAddress.Loopback, 1, 1), Two = SiloAddress.New(IPAddress.Loopback, 2, 1);
    private readonly HeartbeatJudge _judge = new(TimeSpan.FromSeconds(8));

    [Fact]
    public void One_whose_heartbeat_stands_still_for_the_timeout_is_dead_and_others_are_not()
    {
        for (var second = 0; second < 8; second++) Assert.Empty(Look(second, (One, 100), (Two, second)));

        Assert.Equal([(One, TimeSpan.FromSeconds(8))], Look(8, (One, 100), (Two, 8)));
    }

    [Fact]
    public void A_heartbeat_counts_by_its_change_and_not_by_its_time()
    {
        // A clock that is hours behind, and one that steps back.
        for (var second = 0; second < 30; second++) Assert.Empty(Look(second, (One, -10_000 + second), (Two, -second)));
    }

    [Fact]
    public void One_that_changes_in_time_is_watched_anew()
    {
        for (var second = 0; second < 7; second++) Look(second, (One, 100));
        for (var second = 7; second < 15; second++) Assert.Empty(Look(second, (One, 101)));

        Assert.Single(Look(15, (One, 101)));
    }

    [Fact]
    public void Who_did_not_look_for_a_while_cannot_tell()
    {
        for (var second = 0; second < 7; second++) Look(second, (One, 100));

        for (var second = 60; second < 68; second++) Assert.Empty(Look(second, (One, 100)));
        Assert.Single(Look(68, (One, 100)));
    }

    [Fact]
    public void One_that_has_gone_and_is_back_is_watched_anew()
    {
        for (var second = 0; second < 7; second++) Look(second, (One, 100));
        Look(7);

        for (var second = 8; second < 16; second++) Assert.Empty(Look(second, (One, 100)));
    }

    [Fact]
    public void Those_that_stand_still_are_named_before_they_count_as_dead()
    {
        for (var second = 0; second < 4; second++) Look(second, (One, 100), (Two, second));

        Assert.Equal([One], _judge.Still(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(2)));
    }

    private IReadOnlyList<(SiloAddress Silo, TimeSpan Still)> Look(int second, params (SiloAddress Silo, int Heartbeat)[] heartbeats) =>
        _judge.Look(
            [.. heartbeats.Select(one => (one.Silo, DateTime.UnixEpoch.AddYears(1).AddSeconds(one.Heartbeat)))],
            TimeSpan.FromSeconds(second));
}
