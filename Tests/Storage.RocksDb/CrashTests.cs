using Microsoft.Extensions.Logging;
using Tikr.Core.Rollup;
using Tikr.Storage;
using static Tikr.Tests.Support.Compliance.Market;

namespace Tikr.Tests.Storage.RocksDb;

/// <summary>What the embedded store makes of the files that crashes, power losses and failing disks leave.</summary>
public sealed class CrashTests : IAsyncLifetime
{
    private const int TornTailCut = 2204, DamageAccepted = 2205;

    private readonly RocksDbHarness _store = new();
    private readonly List<RocksDbHarness> _copies = [];
    private Series _series = null!;
    private uint _epoch;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _series = await _store.OpenAsync(Model());
        _epoch = await _store.Ticks.AllocateEpochAsync(Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        foreach (var copy in _copies) await copy.DisposeAsync();
    }

    [Fact]
    public async Task Everything_acknowledged_is_there_after_a_crash()
    {
        for (var i = 0; i < 20; i++)
        {
            var key = await _store.Keys.ResolveAsync(_series, $"S{i}", "");
            await CommitAsync(i + 1, key, 100);
            await _store.Bars.WriteAsync([new BarWrite(_series, key, Bar(_series.Model.BucketOf(_store.NowNs), i), -1, 0)], Stop);
            var copy = Copy();
            await copy.OpenAsync(_series.Model);
            Assert.Equal(100 * (i + 1), await CountAsync(copy, Enumerable.Range(1, i + 1)));
            Assert.Equal([new FlushId(_epoch, (ulong)i + 1)], await copy.Ticks.ReadCommittedAsync(Stop));
            Assert.Equal(i + 1, (await copy.Ticks.ManifestsAsync()).Count);
            Assert.NotNull(await copy.Bars.FindAsync(_series, key, _series.Model.BucketOf(_store.NowNs), Stop));
            Assert.Equal(key, await copy.Keys.ResolveAsync(_series, $"S{i}", ""));
            Assert.True(_epoch < await copy.Ticks.AllocateEpochAsync(Stop));
            Assert.DoesNotContain(copy.Logs.Messages, m => m.Level >= LogLevel.Warning);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(300)]
    public async Task A_log_cut_off_anywhere_opens_with_what_came_before_and_says_so(int cut)
    {
        await CommitAsync(1, 1, 500);
        await CommitAsync(2, 1, 500);
        var copy = Copy();
        var log = copy.NewestLog();
        var length = new FileInfo(log).Length - cut;
        await using (var file = new FileStream(log, FileMode.Open)) file.SetLength(length);

        await copy.OpenAsync(_series.Model);
        Assert.Equal(500, await CountAsync(copy, [1]));
        Assert.Equal([new FlushId(_epoch, 1)], await copy.Ticks.ReadCommittedAsync(Stop));
        var message = Assert.Single(copy.Logs.Messages, m => m.Id == TornTailCut);
        Assert.Contains(log, message.Text, StringComparison.Ordinal);

        // The commit that was torn is simply retried.
        await copy.Ticks.CommitTicksAsync(_series, _epoch, 2, Run(1, _store.NowNs, 500, 1000));
        await copy.ReopenAsync();
        await copy.OpenAsync(_series.Model);
        Assert.Equal(1000, await CountAsync(copy, [1]));
        Assert.Single(copy.Logs.Messages, m => m.Id == TornTailCut);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Garbage_or_zeros_at_the_end_of_a_log_are_cut(bool zeros)
    {
        await CommitAsync(1, 1, 500);
        var copy = Copy();
        var tail = new byte[70_000];
        if (!zeros) new Random(5).NextBytes(tail);
        await using (var file = new FileStream(copy.NewestLog(), FileMode.Append)) await file.WriteAsync(tail, Stop);
        await copy.OpenAsync(_series.Model);
        Assert.Equal(500, await CountAsync(copy, [1]));
        Assert.Contains("70000 bytes", Assert.Single(copy.Logs.Messages, m => m.Id == TornTailCut).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_of_the_last_write_that_a_power_loss_left_unwritten_end_the_log_there()
    {
        await CommitAsync(1, 1, 500);
        var random = new Random(4);
        await _store.Ticks.CommitTicksAsync(
            _series, _epoch, 2, Enumerable.Range(0, 20_000).Select(i => new TestTick(1, _store.NowNs + i, 0, random.NextInt64(), i)));
        var copy = Copy();
        await BlankAsync(copy.NewestLog(), length => length / 2);

        await copy.OpenAsync(_series.Model);
        Assert.Single(copy.Logs.Messages, m => m.Id == TornTailCut);
        Assert.Equal(500, await CountAsync(copy, [1]));
    }

    [Fact]
    public async Task Pages_that_a_power_loss_left_unwritten_before_whole_writes_are_refused_and_lose_only_themselves_when_accepted()
    {
        for (var i = 1; i <= 300; i++) await CommitAsync(i, 1, 500);
        var copy = Copy();
        await BlankAsync(copy.NewestLog(), length => length / 2);
        Assert.Contains("accept_damaged_log", Assert.Throws<StoreRefusedException>(() => copy.Inner).Message, StringComparison.Ordinal);

        copy.AcceptDamagedLog = true;
        await copy.OpenAsync(_series.Model);
        Assert.Equal([new FlushId(_epoch, 300)], await copy.Ticks.ReadCommittedAsync(Stop));
        Assert.InRange(await CountAsync(copy, [1]), 100 * 500, 299 * 500);
    }

    [Fact]
    public async Task A_log_damaged_in_its_middle_is_refused_and_loses_only_the_damage_when_accepted()
    {
        for (var i = 1; i <= 40; i++) await CommitAsync(i, 1, 500);
        var copy = Copy();
        var log = copy.NewestLog();
        await using (var file = new FileStream(log, FileMode.Open))
        {
            file.Position = file.Length / 2;
            var bytes = new byte[3];
            await file.ReadExactlyAsync(bytes, Stop);
            file.Position -= 3;
            await file.WriteAsync(bytes.Select(b => (byte)~b).ToArray(), Stop);
        }

        var before = await File.ReadAllBytesAsync(log, Stop);
        var e = Assert.Throws<StoreRefusedException>(() => copy.Inner);
        Assert.Contains(log, e.Message, StringComparison.Ordinal);
        Assert.Contains("accept_damaged_log", e.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(log, Stop));

        copy.AcceptDamagedLog = true;
        await copy.OpenAsync(_series.Model);
        Assert.Single(copy.Logs.Messages, m => m.Id == DamageAccepted && m.Level == LogLevel.Error);
        Assert.Equal([new FlushId(_epoch, 40)], await copy.Ticks.ReadCommittedAsync(Stop));
        Assert.InRange(await CountAsync(copy, [1]), 30 * 500, 39 * 500);
    }

    [Fact]
    public async Task A_log_damaged_in_its_middle_with_a_later_log_behind_it_is_refused()
    {
        await CommitAsync(1, 1, 500);
        var old = _store.NewestLog();
        var oldBytes = await File.ReadAllBytesAsync(old, Stop);
        _store.Inner.Database.FlushMemory(Tikr.Storage.RocksDb.Family.Ticks);
        await CommitAsync(2, 1, 500);
        var copy = Copy();
        Assert.NotEqual(Path.GetFileName(old), Path.GetFileName(copy.NewestLog()));
        await File.WriteAllBytesAsync(Path.Combine(copy.Folder, Path.GetFileName(old)), oldBytes[..^20], Stop);
        Assert.Throws<StoreRefusedException>(() => copy.Inner);
    }

    [Fact]
    public void A_second_store_on_the_same_folder_is_refused()
    {
        using var second = new Cleanup(new RocksDbHarness { Folder = _store.Folder });
        var e = Assert.Throws<StoreRefusedException>(() => second.Store.Inner);
        Assert.Contains(_store.Folder, e.Message, StringComparison.Ordinal);
        Assert.Contains("storage.data_dir", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_refused()
    {
        using var impossible = new Cleanup(new RocksDbHarness { Folder = "/proc/tikr" });
        Assert.Contains("/proc/tikr", Assert.Throws<StoreRefusedException>(() => impossible.Store.Inner).Message, StringComparison.Ordinal);
    }

    private async Task CommitAsync(int flush, uint key, int ticks) =>
        await _store.Ticks.CommitTicksAsync(_series, _epoch, (ulong)flush, Run(key, _store.NowNs, ticks, 1000));

    private static async Task BlankAsync(string log, Func<long, long> at)
    {
        await using var file = new FileStream(log, FileMode.Open);
        file.Position = at(file.Length) / 4096 * 4096;
        await file.WriteAsync(new byte[8192], Stop);
    }

    private RocksDbHarness Copy()
    {
        var copy = _store.CopyAfterCrash();
        _copies.Add(copy);
        return copy;
    }

    private async Task<int> CountAsync(RocksDbHarness store, IEnumerable<int> keys) =>
        (await store.Ticks.ReadTicksAsync(_series, [.. keys.Select(k => (uint)k)], 0, long.MaxValue)).Count;

    /// <summary>Closes a harness whose folder is not its own.</summary>
    private sealed class Cleanup(RocksDbHarness store) : IDisposable
    {
        public RocksDbHarness Store => store;

        public void Dispose() => store.Close();
    }
}
