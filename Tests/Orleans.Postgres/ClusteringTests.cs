using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime.MembershipService;
using Tikr.Tests.Support;
using Tikr.Tests.Support.Databases;

namespace Tikr.Tests.Orleans.Postgres;

/// <summary>Membership of silos on PostgreSQL.</summary>
public sealed class ClusteringTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_silos_that_start_at_once_see_each_other_and_share_grains()
    {
        // The tables do not exist yet: both set them up.
        var silos = await Task.WhenAll(
            PostgresSilo.StartAsync(database.ConnectionString, "pair"), PostgresSilo.StartAsync(database.ConnectionString, "pair"));
        await using var first = silos[0];
        await using var second = silos[1];
        await Task.WhenAll(first.SeesAsync(2), second.SeesAsync(2));

        for (var i = 0; i < 100; i++) await (i % 2 == 0 ? first : second).Grains.GetGrain<INoteGrain>($"shared-{i}").WriteAsync($"{i}");

        var places = new HashSet<string>();
        for (var i = 0; i < 100; i++)
        {
            var grain = (i % 2 == 0 ? second : first).Grains.GetGrain<INoteGrain>($"shared-{i}");
            Assert.Equal(($"{i}", true), await grain.ReadAsync());
            places.Add(await grain.WhereAsync());
        }

        Assert.Equal(new HashSet<string> { first.Address, second.Address }, places);
        Assert.Equal(2, await database.ScalarAsync<long>(
            "SELECT count(*) FROM orleansmembershiptable WHERE deploymentid = 'pair' AND status = 3"));
    }

    [Fact]
    public async Task Silo_that_stops_leaves_the_others()
    {
        await using var stays = await PostgresSilo.StartAsync(database.ConnectionString, "leave");
        var leaves = await PostgresSilo.StartAsync(database.ConnectionString, "leave");
        await stays.SeesAsync(2);

        await leaves.DisposeAsync();

        await stays.SeesAsync(1);
        Assert.Equal(1, await database.ScalarAsync<long>(
            "SELECT count(*) FROM orleansmembershiptable WHERE deploymentid = 'leave' AND status = 6"));
    }

    [Fact]
    public async Task Silo_on_the_port_of_a_killed_one_takes_its_place_at_once()
    {
        string killed;
        await using (var first = await PostgresSilo.StartAsync(database.ConnectionString, "killed")) killed = first.Address;
        // As a killed process leaves its entry: active, and alive a moment ago.
        await database.ExecuteAsync(
            "UPDATE orleansmembershiptable SET status = 3, suspecttimes = NULL, iamalivetime = now() WHERE deploymentid = 'killed'");

        await using var next = await PostgresSilo.StartAsync(
            database.ConnectionString, "killed", port: SiloAddress.FromParsableString(killed).Endpoint.Port);

        Assert.Equal(1, next.ActiveSilos);
        Assert.Equal(1, await database.ScalarAsync<long>(
            "SELECT count(*) FROM orleansmembershiptable WHERE deploymentid = 'killed' AND status = 6"));
    }

    [Fact]
    public async Task Clusters_of_one_database_do_not_see_each_other()
    {
        await using var one = await PostgresSilo.StartAsync(database.ConnectionString, "one");
        await using var other = await PostgresSilo.StartAsync(database.ConnectionString, "other");

        await Task.WhenAll(one.SeesAsync(1), other.SeesAsync(1));
    }

    [Fact]
    public async Task Entries_of_silos_long_dead_are_cleaned_up_and_those_of_active_ones_stay()
    {
        await using (await PostgresSilo.StartAsync(database.ConnectionString, "clean"))
        {
        }

        await database.ExecuteAsync("""
            UPDATE orleansmembershiptable SET iamalivetime = now() - interval '8 days' WHERE deploymentid = 'clean';
            INSERT INTO orleansmembershiptable
            SELECT deploymentid, address, port, generation + 1, 'recent', hostname, 6, proxyport, null, now(), now()
            FROM orleansmembershiptable WHERE deploymentid = 'clean';
            """);

        await using var silo = await PostgresSilo.StartAsync(
            database.ConnectionString, "clean",
            silo => silo.Configure<ClusterMembershipOptions>(options => options.DefunctSiloCleanupPeriod = TimeSpan.FromMilliseconds(200)));

        await Eventually.HoldsAsync("the old entry is gone", TimeSpan.FromSeconds(60), async () =>
            await database.ScalarAsync<string>("SELECT string_agg(siloname || ' ' || status, ', ') FROM "
                + "orleansmembershiptable WHERE deploymentid = 'clean' AND iamalivetime < now() - interval '7 days'"));
        Assert.Equal(2, await database.ScalarAsync<long>("SELECT count(*) FROM orleansmembershiptable WHERE deploymentid = 'clean'"));
    }

    [Fact]
    public async Task Of_several_changes_from_one_version_one_is_made()
    {
        await using var silo = await PostgresSilo.StartAsync(database.ConnectionString, "reference");
        var model = (await silo.Services.GetRequiredService<IMembershipTable>().ReadAllAsync(Stop)).Members[0].Item1;
        // A cluster without a silo, so that nobody else changes its table.
        var table = ActivatorUtilities.CreateInstance<AdoNetClusteringTable>(
            silo.Services, Options.Create(new ClusterOptions { ClusterId = "versions" }));
        await table.InitializeMembershipTableAsync(true, Stop);
        await table.InitializeMembershipTableAsync(true, Stop);
        var before = await table.ReadAllAsync(Stop);
        var next = before.Version.Next();

        var made = await Task.WhenAll(Enumerable.Range(1, 8).Select(number => table.InsertRowAsync(Copy(model, number), next, Stop)));
        var after = await table.ReadAllAsync(Stop);

        Assert.Single(made, won => won);
        Assert.Empty(before.Members);
        Assert.Equal(before.Version.Version + 1, after.Version.Version);
        var (entered, etag) = Assert.Single(after.Members);
        Assert.False(await table.InsertRowAsync(entered, after.Version.Next(), Stop));
        entered.Status = SiloStatus.Dead;
        entered.AddSuspector(model.SiloAddress, DateTimeOffset.UnixEpoch.UtcDateTime);
        Assert.False(await table.UpdateRowAsync(entered, etag, next, Stop));
        Assert.True(await table.UpdateRowAsync(entered, etag, after.Version.Next(), Stop));
        var read = (await table.ReadRowAsync(entered.SiloAddress, Stop)).Members.Single().Item1;
        Assert.Equal(SiloStatus.Dead, read.Status);
        Assert.Equal(entered.SuspectTimes, read.SuspectTimes);
        Assert.Empty((await table.ReadRowAsync(Copy(model, 99).SiloAddress, Stop)).Members);
        await table.DeleteMembershipTableEntriesAsync("versions", Stop);
        Assert.Equal(0, await database.ScalarAsync<long>(
            "SELECT count(*) FROM orleansmembershipversiontable WHERE deploymentid = 'versions'"));
    }

    private static MembershipEntry Copy(MembershipEntry model, int number) => new()
    {
        SiloAddress = SiloAddress.New(model.SiloAddress.Endpoint.Address, 40_000 + number, number),
        SiloName = $"copy-{number}",
        HostName = model.HostName,
        Status = SiloStatus.Joining,
        ProxyPort = 0,
        StartTime = model.StartTime,
        IAmAliveTime = model.IAmAliveTime,
    };
}
