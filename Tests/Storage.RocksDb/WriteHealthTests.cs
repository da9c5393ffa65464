using Microsoft.Extensions.Logging;
using Tikr.Core.Rollup;
using Tikr.Storage;
using Tikr.Storage.RocksDb;
using static Tikr.Tests.Support.Compliance.Market;

namespace Tikr.Tests.Storage.RocksDb;

/// <summary>What the embedded store says while its disk is full, out of files or stuck.</summary>
public sealed class WriteHealthTests : IAsyncLifetime
{
    private const int WritesFail = 2201, WritesAgain = 2206, WritesStall = 2207;

    private readonly RocksDbHarness _store = new();
    private Series _series = null!;
    private uint _epoch;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private RocksDbDatabase Database => _store.Inner.Database;

    public async ValueTask InitializeAsync()
    {
        _series = await _store.OpenAsync(Model());
        _epoch = await _store.Ticks.AllocateEpochAsync(Stop);
        Assert.Null(Database.Health.Trouble);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task A_full_disk_is_told_with_what_is_needed_once_a_minute_and_no_longer_than_it_lasts()
    {
        Database.Writing = () => throw FailingDisk.Full();
        for (var second = 0; second < 150; second++)
        {
            await Assert.ThrowsAsync<StoreUnavailableException>(CommitAsync);
            _store.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Contains("No space left", Database.Health.Trouble, StringComparison.Ordinal);
        Assert.Contains("MiB free): free 16 MiB at least", Database.Health.Trouble, StringComparison.Ordinal);
        var lines = _store.Logs.Messages.Where(message => message.Id == WritesFail).ToList();
        Assert.Equal(3, lines.Count);
        Assert.Contains("60 writes of the store", lines[1].Text, StringComparison.Ordinal);
        Assert.All(lines, line => Assert.Null(line.Exception));

        // Nobody writes any more: the store itself finds out that it can.
        await _store.Reaper.EnforceLimitsAsync(Stop);
        Assert.NotNull(Database.Health.Trouble);
        Database.Writing = null;
        await _store.Reaper.EnforceLimitsAsync(Stop);
        Assert.Null(Database.Health.Trouble);
        Assert.Single(_store.Logs.Messages, message => message.Id == WritesAgain);
    }

    [Fact]
    public async Task Too_few_files_are_told_as_such_with_the_limit_and_the_remedy()
    {
        Database.Writing = () => throw FailingDisk.Error("IO error: While open a file: /data/000012.log: Too many open files");
        var refused = await Assert.ThrowsAsync<StoreUnavailableException>(CommitAsync);
        foreach (var text in new[] { refused.Message, Database.Health.Trouble! })
        {
            Assert.Contains($"may have {OpenFiles.Limit} files", text, StringComparison.Ordinal);
            Assert.Contains("ulimit -n", text, StringComparison.Ordinal);
            Assert.DoesNotContain("check the disk", text, StringComparison.OrdinalIgnoreCase);
        }

        var open = Errors.CannotOpen(_store.Options(), FailingDisk.Error("IO error: While open directory: /data: Too many open files"));
        Assert.Contains("ulimit -n", open.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("move it away", open.Message, StringComparison.Ordinal);
        var folder = Errors.CannotUseFolder("/data", new IOException("Too many open files : '/data/tikr.lock'"));
        Assert.Contains("ulimit -n", folder.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(256L, 85)]
    [InlineData(1_048_576L, 1000)]
    [InlineData(20L, 32)]
    [InlineData(null, 1000)]
    public void Table_files_leave_room_for_connections(long? limit, int tables) => Assert.Equal(tables, OpenFiles.Tables(limit));

    [Theory]
    [InlineData(28, 3)]
    [InlineData(4, 2)]
    [InlineData(900, 112)]
    [InlineData(500_000, 128)]
    public void Write_buffers_fit_the_volume(long volumeMegabytes, long megabytes) =>
        Assert.Equal(megabytes, Tuning.Scaled(128L << 20, new DiskSpace(volumeMegabytes << 20, 0)) >> 20);

    [Fact]
    public async Task A_write_that_gets_stuck_is_told_while_it_is()
    {
        using var stuck = new SemaphoreSlim(0);
        using var begun = new SemaphoreSlim(0);
        Database.Writing = () =>
        {
            begun.Release();
            stuck.Wait(Stop);
        };
        var commit = Task.Run(CommitAsync, Stop);
        await begun.WaitAsync(Stop);
        _store.Time.Advance(TimeSpan.FromSeconds(4));
        Assert.Null(Database.Health.Trouble);
        for (var check = 0; check < 9; check++)
        {
            _store.Time.Advance(TimeSpan.FromSeconds(10));
            Database.CheckWrites();
        }

        Assert.Contains("has done no write for 94 s", Database.Health.Trouble, StringComparison.Ordinal);
        Assert.Equal(2, _store.Logs.Messages.Count(message => message.Id == WritesStall && message.Level == LogLevel.Warning));
        stuck.Release();
        await commit;
        Assert.Null(Database.Health.Trouble);
    }

    private Task CommitAsync() => _store.Ticks.CommitTicksAsync(_series, _epoch, 1, Run(1, _store.NowNs, 10, 1));
}
