using Microsoft.Extensions.Logging;
using Tikr.Core.Rollup;
using Tikr.Storage;
using Tikr.Storage.RocksDb;
using Tikr.Tests.Support.Time;
using static Tikr.Tests.Support.Compliance.Market;

namespace Tikr.Tests.Storage.RocksDb;

/// <summary>How the reaper of the embedded store deletes: ranges, watermarks, files, clock steps.</summary>
public sealed class ReaperTests : IAsyncLifetime
{
    private const int ClockStepped = 2011, ClockStepConfirmed = 2012, ClockWentBack = 2018;

    private readonly RocksDbHarness _store = new();
    private Series _series = null!;
    private uint _epoch;
    private ulong _flush;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await OpenAsync();
        _epoch = await _store.Ticks.AllocateEpochAsync(Stop);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task Deleted_ranges_of_one_prefix_never_overlap_and_follow_each_other_also_across_restarts()
    {
        List<(string Prefix, long From, long To)> ranges = [];
        for (var cycle = 0; cycle < 24; cycle++)
        {
            if (cycle % 7 == 6)
            {
                await _store.ReopenAsync();
                await OpenAsync();
            }

            _store.Inner.Reaper.SlicesDeleted = (from, to) => ranges.Add(("ticks", from, to));
            _store.Inner.BarReaper.RangeDeleted = (from, to) =>
                ranges.Add(($"bars {from.SeriesId} {from.RollupNs} {from.KeyId}", from.Bucket, to.Bucket));
            await FillAsync(TimeSpan.FromMinutes(10));
            await _store.ReapAsync();
        }

        // Ticks and three keys, each reaped every ten minutes once the first data is an hour old.
        Assert.Equal(4, ranges.Select(r => r.Prefix).Distinct().Count());
        foreach (var prefix in ranges.GroupBy(r => r.Prefix))
        {
            var deleted = prefix.ToArray();
            Assert.InRange(deleted.Length, 16, 19);
            for (var i = 1; i < deleted.Length; i++) Assert.Equal(deleted[i - 1].To, deleted[i].From);
        }
    }

    [Fact]
    public async Task Reaping_again_at_once_deletes_nothing()
    {
        await FillAsync(TimeSpan.FromHours(3));
        await _store.ReapAsync();
        var ranges = 0;
        _store.Inner.Reaper.SlicesDeleted = (_, _) => ranges++;
        _store.Inner.BarReaper.RangeDeleted = (_, _) => ranges++;
        await _store.ReapAsync();
        _store.Time.Advance(TimeSpan.FromSeconds(5));
        await _store.ReapAsync();
        Assert.Equal(3, ranges);
        _store.Time.Advance(TimeSpan.FromMinutes(10));
        await _store.ReapAsync();
        Assert.True(ranges > 3);
    }

    [Fact]
    public async Task The_space_of_what_expired_is_freed()
    {
        await FillAsync(TimeSpan.FromHours(2), ticksPerMinute: 2000);
        _store.Inner.Database.FlushMemory(Family.Ticks);
        _store.Inner.Database.FlushMemory(Family.Bars);
        var full = _store.FileBytes();
        await _store.ReapAsync();
        var half = _store.FileBytes();
        Assert.InRange(half, full / 4, full * 2 / 3);
        _store.Time.Advance(TimeSpan.FromHours(2));
        await _store.ReapAsync();
        Assert.True(_store.FileBytes() < full / 20, $"{_store.FileBytes()} of {full} bytes are left.");
        Assert.Empty(await _store.Ticks.ReadTicksAsync(_series, [1], 0, long.MaxValue));
    }

    [Fact]
    public async Task Tombstones_of_groups_without_bars_leave_no_watermark_behind()
    {
        await FillAsync(TimeSpan.FromMinutes(90));
        await _store.ReapAsync();
        Assert.Equal(3, Watermarks());
        _store.Time.Advance(TimeSpan.FromHours(3));
        await _store.ReapAsync();
        Assert.Equal(0, Watermarks());
    }

    [Fact]
    public async Task A_clock_step_deletes_nothing_until_it_is_confirmed()
    {
        await FillAsync(TimeSpan.FromMinutes(10));
        await _store.ReapAsync();
        var ahead = _store.NowNs + (5 * 3600 * Second);
        await _store.Reaper.ReapAsync(ahead, Stop);
        await _store.Reaper.ReapAsync(ahead, Stop);
        Assert.Equal(2, _store.Logs.Messages.Count(m => m.Id == ClockStepped && m.Level == LogLevel.Error));
        Assert.NotEmpty(await _store.Ticks.ReadTicksAsync(_series, [1], 0, long.MaxValue));
        Assert.Equal(10, await CountBarsAsync());

        // Time that really passes is no step.
        _store.Time.Advance(TimeSpan.FromMinutes(10));
        await _store.ReapAsync();
        Assert.Equal(2, _store.Logs.Messages.Count(m => m.Id == ClockStepped));

        await File.WriteAllTextAsync(Path.Combine(_store.Folder, RocksDbReaper.ConfirmationFile), "", Stop);
        await _store.Reaper.ReapAsync(ahead, Stop);
        Assert.Single(_store.Logs.Messages, m => m.Id == ClockStepConfirmed);
        Assert.Empty(await _store.Ticks.ReadTicksAsync(_series, [1], 0, long.MaxValue));
        Assert.False(File.Exists(Path.Combine(_store.Folder, RocksDbReaper.ConfirmationFile)));
    }

    [Fact]
    public async Task A_clock_step_is_noticed_across_a_restart_and_hours_switched_off_are_none()
    {
        await FillAsync(TimeSpan.FromMinutes(10));
        await _store.ReapAsync();
        _store.Close();
        _store.Time.Advance(TimeSpan.FromHours(9));
        await OpenAsync();
        await _store.ReapAsync();
        Assert.DoesNotContain(_store.Logs.Messages, m => m.Id == ClockStepped);
        await _store.ReopenAsync();
        await OpenAsync();
        await _store.Reaper.ReapAsync(_store.NowNs + (3600 * Second), Stop);
        Assert.Single(_store.Logs.Messages, m => m.Id == ClockStepped);
    }

    [Fact]
    public async Task A_clock_step_is_noticed_in_a_new_folder_whose_first_run_ended_before_any_cycle()
    {
        var clock = new SteppingTime(_store.Time.GetUtcNow());
        await using var store = new RocksDbHarness { Time = clock };
        var series = await store.OpenAsync(Model());
        await store.Ticks.CommitTicksAsync(series, await store.Ticks.AllocateEpochAsync(Stop), 1, Run(1, store.NowNs, 20, 1000));
        store.Close();

        clock.StepWall(TimeSpan.FromHours(7));
        await store.OpenAsync(Model());
        await store.ReapAsync();
        Assert.Single(store.Logs.Messages, m => m.Id == ClockStepped);
        clock.StepWall(TimeSpan.FromHours(-7));
        Assert.Equal(20, (await store.Ticks.ReadTicksAsync(series, [1], 0, long.MaxValue)).Count);
    }

    [Fact]
    public async Task A_clock_that_went_back_and_comes_forward_again_is_no_step()
    {
        await FillAsync(TimeSpan.FromMinutes(10));
        await _store.ReapAsync();
        await _store.Reaper.ReapAsync(_store.NowNs - (3600 * Second), Stop);
        Assert.Single(_store.Logs.Messages, m => m.Id == ClockWentBack);
        await _store.ReapAsync();
        Assert.DoesNotContain(_store.Logs.Messages, m => m.Id == ClockStepped);
        Assert.Equal(10, await CountBarsAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_bar_below_the_cutoff_stays_expired_when_the_clock_goes_back(bool restarts)
    {
        var bucket = _series.Model.BucketOf(_store.NowNs);
        _store.Time.Advance(TimeSpan.FromHours(2));
        await _store.ReapAsync();
        _store.Time.AdjustTime(_store.Time.GetUtcNow() - TimeSpan.FromHours(2));
        if (restarts) await ReopenAsync();
        var result = (await _store.Bars.WriteAsync([new BarWrite(_series, 1, Bar(bucket, 1), -1)], Stop))[0];
        Assert.Equal(BarWriteOutcome.Expired, result.Outcome);
    }

    [Fact]
    public async Task Nothing_lands_behind_the_watermark_so_the_next_deletion_begins_there()
    {
        await FillAsync(TimeSpan.FromHours(2));
        List<(uint From, uint To)> ranges = [];
        _store.Inner.Reaper.SlicesDeleted = (from, to) => ranges.Add((from, to));
        await _store.ReapAsync();
        await Assert.ThrowsAsync<TicksTooOldException>(() => _store.Ticks.CommitTicksAsync(
            _series, _epoch, ++_flush, Run(1, _store.NowNs - (2 * 3600 * Second), 20, Second)));
        var (watermark, before) = (ranges[^1].To, ranges.Count);
        _store.Time.Advance(TimeSpan.FromMinutes(10));
        await _store.ReapAsync();
        Assert.Equal(watermark, ranges[before].From);
    }

    private async Task ReopenAsync()
    {
        await _store.ReopenAsync();
        await OpenAsync();
    }

    private async Task OpenAsync() => _series = await _store.OpenAsync(Model());

    /// <summary>A flush and a bar for each of three keys every minute.</summary>
    private async Task FillAsync(TimeSpan length, int ticksPerMinute = 20)
    {
        var random = new Random(3);
        for (var minute = 0; minute < length.TotalMinutes; minute++)
        {
            var (now, bucket) = (_store.NowNs, _series.Model.BucketOf(_store.NowNs));
            var ticks = Enumerable.Range(0, ticksPerMinute)
                .Select(i => new TestTick(1, now + i, 0, random.NextInt64(), i)).Append(new TestTick(2, now, 0, 1, 1));
            await _store.Ticks.CommitTicksAsync(_series, _epoch, ++_flush, ticks);
            await _store.Bars.WriteAsync([.. Enumerable.Range(1, 3)
                .Select(key => new BarWrite(_series, (uint)key, Bar(bucket, random.NextInt64() >> 1), -1))], Stop);
            _store.Time.Advance(TimeSpan.FromMinutes(1));
        }

        await _store.Ticks.RetireAsync(_epoch, _flush + 1, Stop);
    }

    private async Task<int> CountBarsAsync()
    {
        var count = 0;
        await foreach (var _ in _store.Bars.ReadAsync(_series, 1, 0, long.MaxValue, Stop)) count++;
        return count;
    }

    private int Watermarks()
    {
        using var lease = new IteratorLease(_store.Inner.Database, Family.Meta);
        var count = 0;
        for (var found = lease[0].Seek("Wb"u8); found && lease[0].Key.StartsWith("Wb"u8); found = lease[0].Next()) count++;
        return count;
    }
}
