using Tikr.Core.Rollup;
using Tikr.Storage;
using static Tikr.Tests.Support.Compliance.Market;

namespace Tikr.Tests.Support.Compliance;

/// <summary>Who writes, and who may no more.</summary>
public abstract class IncarnationCompliance : StoreSuite
{
    private static readonly Incarnation Self = new("S10.0.0.1:9090@1", "10.0.0.1:9090", "abc");

    private long Now => Store.NowNs;

    private IIncarnations Incarnations => Store.Incarnations;

    [Fact]
    public async Task Epochs_belong_to_the_incarnation_that_is_registered()
    {
        await Incarnations.RegisterAsync(Self, Stop);
        await Incarnations.RegisterAsync(Self, Stop);
        var first = await Store.Ticks.AllocateEpochAsync(Stop);
        var second = await Store.Ticks.AllocateEpochAsync(Stop);
        var known = await FindAsync(Self.Name);
        Assert.Equal((Self, false, false), (known.Incarnation, known.IsSealed, known.HasManifests));
        Assert.Equal([first, second], known.Epochs);
        await Store.Ticks.CommitTicksAsync(Series, second, 1, Run(1, Now, 3, 1));
        Assert.True((await FindAsync(Self.Name)).HasManifests);
        await Store.Ticks.RetireAsync(second, 2, Stop);
        Assert.False((await FindAsync(Self.Name)).HasManifests);
    }

    [Fact]
    public async Task A_sealed_incarnation_stores_nothing_and_gets_no_epoch()
    {
        var epoch = await RegisterAsync();
        var bucket = Series.Model.BucketOf(Now);
        await Store.Ticks.CommitTicksAsync(Series, epoch, 1, Run(1, Now, 3, 1));
        var stored = await WriteAsync(bucket);
        Assert.True(await Incarnations.SealAsync(Self.Name, Stop));
        await Assert.ThrowsAsync<StoreSealedException>(() => Store.Ticks.CommitTicksAsync(Series, epoch, 2, Run(1, Now, 5, 1)));
        await Assert.ThrowsAsync<StoreSealedException>(() => WriteAsync(bucket + Second));
        await Assert.ThrowsAsync<StoreSealedException>(async () => await Store.Ticks.RetireAsync(epoch, 2, Stop));
        await Assert.ThrowsAsync<StoreSealedException>(async () => await Store.Outbox.DeleteAsync(0, [stored.OutboxId], Stop));
        await Assert.ThrowsAsync<StoreSealedException>(async () => await Store.Ticks.AllocateEpochAsync(Stop));
        await Assert.ThrowsAsync<StoreSealedException>(async () => await Incarnations.RegisterAsync(Self, Stop));
        if (Store.Reaper is not null)
        {
            Store.Time.Advance(TimeSpan.FromHours(2));
            await Assert.ThrowsAsync<StoreSealedException>(() => Store.ReapAsync());
        }

        await ReopenAsync();
        Assert.Equal([new FlushId(epoch, 1)], (await Store.Ticks.ManifestsAsync()).Select(manifest => manifest.Id));
        var read = await Store.Ticks.ReadTicksAsync(Series, [1], 0, long.MaxValue, includesExpired: true);
        Assert.All(read, tick => Assert.Equal(1UL, tick.Flush.Flush));
        Assert.Null(await Store.Bars.FindAsync(Series, 1, bucket + Second, Stop));
        Assert.Equal(1, (await Store.Outbox.MeasureAsync(0, Stop)).Entries);
    }

    [Fact]
    public async Task A_sealed_incarnation_learns_of_each_commit_that_the_ledger_holds()
    {
        var epoch = await RegisterAsync();
        await Store.Ticks.CommitTicksAsync(Series, epoch, 1, Run(1, Now, 3, 1));
        await Store.Ticks.CommitTicksAsync(Series, epoch, 2, Run(1, Now, 4, 1));
        await Incarnations.SealAsync(Self.Name, Stop);
        await Store.Ticks.CommitTicksAsync(Series, epoch, 1, Run(1, Now, 9, 1));
        await Store.Ticks.CommitTicksAsync(Series, epoch, 2, Run(1, Now, 9, 1));
        Assert.Equal(7, (await Store.Ticks.ReadTicksAsync(Series, [1], 0, long.MaxValue)).Count);
    }

    [Fact]
    public async Task One_that_is_sealed_before_it_registers_never_does_and_sealing_may_be_repeated()
    {
        Assert.False(await Incarnations.SealAsync(Self.Name, Stop));
        await Incarnations.SealAsync(Self.Name, Stop);
        await Assert.ThrowsAsync<StoreSealedException>(async () => await Incarnations.RegisterAsync(Self, Stop));
        await Incarnations.RegisterAsync(Self with { Name = "S10.0.0.1:9090@2" }, Stop);
        Assert.True(await Incarnations.SealAsync("S10.0.0.1:9090@2", Stop));
        await Incarnations.SealAsync("S10.0.0.1:9090@2", Stop);
        await Assert.ThrowsAsync<StoreSealedException>(async () => await Store.Ticks.AllocateEpochAsync(Stop));
    }

    [Fact]
    public async Task Manifests_are_those_of_the_epochs_asked_for()
    {
        var first = await RegisterAsync();
        var second = await Store.Ticks.AllocateEpochAsync(Stop);
        var third = await Store.Ticks.AllocateEpochAsync(Stop);
        for (ulong flush = 1; flush <= 3; flush++)
        {
            foreach (var epoch in new[] { first, second, third })
                await Store.Ticks.CommitTicksAsync(Series, epoch, flush, Run(1, Now, 1, 1));
        }

        List<FlushId> read = [];
        await foreach (var manifest in Store.Ticks.ReadManifestsAsync([third, first], Stop)) read.Add(manifest.Id);
        Assert.Equal([new(first, 1), new(first, 2), new(first, 3), new(third, 1), new(third, 2), new(third, 3)], read);
        await foreach (var _ in Store.Ticks.ReadManifestsAsync([], Stop)) Assert.Fail("No epoch was asked for.");
    }

    [Fact]
    public async Task Only_the_sealed_are_recovered_and_by_one_at_a_time()
    {
        await RegisterAsync();
        await using (var none = await Incarnations.TakeForRecoveryAsync([Self.Name], Stop)) Assert.Empty(none.Names);
        await Incarnations.SealAsync("S10.0.0.2:9090@1", Stop);
        await Incarnations.SealAsync("S10.0.0.3:9090@1", Stop);
        string[] all = ["S10.0.0.2:9090@1", "S10.0.0.3:9090@1", Self.Name];
        await using (var one = await Incarnations.TakeForRecoveryAsync(all[..1], Stop))
        {
            Assert.Equal(all[..1], one.Names);
            await using var two = await Incarnations.TakeForRecoveryAsync(all, Stop);
            Assert.Equal(all[1..2], two.Names);
        }

        await using var again = await Incarnations.TakeForRecoveryAsync(all, Stop);
        Assert.Equal(all[..2], again.Names);
    }

    [Fact]
    public async Task What_one_process_seals_is_refused_to_the_other_and_nobody_else()
    {
        if (Store.Join() is not { } living) return;
        await using var _ = living;
        var series = await living.OpenAsync(Series.Model);
        var epoch = await RegisterAsync();
        await Store.Ticks.CommitTicksAsync(Series, epoch, 1, Run(1, Now, 3, 1));
        var other = Self with { Name = "S10.0.0.2:9090@1", Silo = "10.0.0.2:9090" };
        await living.Incarnations.RegisterAsync(other, Stop);
        var epochOfOther = await living.Ticks.AllocateEpochAsync(Stop);
        await living.Ticks.CommitTicksAsync(series, epochOfOther, 1, Run(1, Now, 3, 1));
        Assert.Equal([new FlushId(epoch, 1), new FlushId(epochOfOther, 1)], await living.Ticks.ReadCommittedAsync(Stop));
        Assert.True(await living.Incarnations.SealAsync(Self.Name, Stop));
        await Assert.ThrowsAsync<StoreSealedException>(() => Store.Ticks.CommitTicksAsync(Series, epoch, 2, Run(1, Now, 5, 1)));
        await living.Ticks.CommitTicksAsync(series, epochOfOther, 2, Run(1, Now, 4, 1));
        Assert.Equal([new FlushId(epoch, 1), new FlushId(epochOfOther, 2)], await living.Ticks.ReadCommittedAsync(Stop));

        await using (var lease = await living.Incarnations.TakeForRecoveryAsync([Self.Name], Stop)) Assert.Equal([Self.Name], lease.Names);
        await living.Ticks.RetireAsync(epoch, 2, Stop);
        Assert.Equal(2UL, (await living.Ticks.ReadCommittedAsync(Stop)).Of(epochOfOther));
        Assert.Equal(10, (await living.Ticks.ReadTicksAsync(series, [1], 0, long.MaxValue)).Count);
        await Store.Ticks.CommitTicksAsync(Series, epoch, 1, Run(1, Now, 3, 1));
    }

    [Fact]
    public async Task Outbox_partitions_are_taken_over_when_their_sender_is_sealed_however_long_its_lease_was_said_to_be()
    {
        if (Store.Join() is not { } living) return;
        await using var _ = living;
        await living.OpenAsync(Series.Model);
        await RegisterAsync();
        await living.Incarnations.RegisterAsync(Self with { Name = "S10.0.0.2:9090@1", Silo = "10.0.0.2:9090" }, Stop);
        int[] wanted = [.. OutboxPartitions.AllOf(Series.Id, 8)];
        var passed = TimeSpan.FromMilliseconds(-1);
        Assert.Equal(wanted, await Store.Outbox.HoldAsync("one", wanted, passed, Stop));
        Assert.Empty(await living.Outbox.HoldAsync("two", wanted, passed, Stop));
        await living.Incarnations.SealAsync(Self.Name, Stop);
        Assert.Equal(wanted, await living.Outbox.HoldAsync("two", wanted, passed, Stop));
        await Assert.ThrowsAsync<StoreSealedException>(async () => await Store.Outbox.HoldAsync("one", wanted, passed, Stop));
    }

    private async Task<uint> RegisterAsync()
    {
        await Incarnations.RegisterAsync(Self, Stop);
        return await Store.Ticks.AllocateEpochAsync(Stop);
    }

    private async Task<RegisteredIncarnation> FindAsync(string name) =>
        (await Incarnations.ListAsync(Stop)).Single(one => one.Incarnation.Name == name);

    private async Task<BarWriteResult> WriteAsync(long bucket)
    {
        var results = new BarWriteResult[1];
        await Store.Bars.WriteAsync([new BarWrite(Series, 1, Bar(bucket, 5), -1, 0)], results, Stop);
        return results[0];
    }
}
