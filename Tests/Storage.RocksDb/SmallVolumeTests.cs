using Tikr.Storage;
using Tikr.Tests.Support;
using static Tikr.Tests.Support.Compliance.Market;

namespace Tikr.Tests.Storage.RocksDb;

/// <summary>
/// A volume of a few megabytes that gets full and is given space again: writes go on by themselves, and nothing acknowledged is lost.
/// </summary>
public sealed class SmallVolumeTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Writes_go_on_after_a_small_volume_was_full()
    {
        using var volume = new SmallVolume(megabytes: 28);
        var folder = volume.Folder;
        var ballast = Path.Combine(folder, "ballast");
        await File.WriteAllBytesAsync(ballast, new byte[20 << 20], Stop);
        var store = new RocksDbHarness { Folder = Path.Combine(folder, "data"), WriteBufferBytes = 128 << 20 };
        try
        {
            var series = await store.OpenAsync(Model());
            var epoch = await store.Ticks.AllocateEpochAsync(Stop);
            var random = new Random(1);
            ulong flush = 0;
            for (var round = 0; round < 2; round++)
            {
                await Assert.ThrowsAsync<StoreUnavailableException>(async () =>
                {
                    while (true)
                    {
                        await CommitAsync(flush + 1);
                        flush++;
                    }
                });
                var health = store.Inner.Database.Health;
                Assert.Contains("MiB at least", health.Trouble, StringComparison.Ordinal);

                File.Delete(ballast);
                await Eventually.HoldsAsync("a write succeeds", async () =>
                {
                    await store.Reaper.EnforceLimitsAsync(Stop);
                    return health.Trouble;
                }, trouble => trouble is null);
                await CommitAsync(flush + 1);
                flush++;
                if (round == 0) await File.WriteAllBytesAsync(ballast, new byte[12 << 20], Stop);
            }

            await store.ReopenAsync();
            series = await store.OpenAsync(Model());
            Assert.Equal((int)flush * 1000, (await store.Ticks.ReadTicksAsync(series, [1], 0, long.MaxValue)).Count);

            Task CommitAsync(ulong number) => store.Ticks.CommitTicksAsync(
                series, epoch, number, Enumerable.Range(0, 1000).Select(i => new TestTick(1, store.NowNs + i, 0, random.NextInt64(), i)));
        }
        finally
        {
            File.Delete(ballast);
            await store.DisposeAsync();
        }
    }
}
