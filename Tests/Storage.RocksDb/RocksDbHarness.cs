using Tikr.Storage;
using Tikr.Storage.RocksDb;
using Tikr.Tests.Support;

namespace Tikr.Tests.Storage.RocksDb;

/// <summary>The embedded store in a folder of its own, deleted afterwards.</summary>
public sealed class RocksDbHarness : StoreHarness
{
    private RocksDbStore? _store;

    public string Folder { get; init; } = Directory.CreateTempSubdirectory("tikr-").FullName;

    public LogRecorder Logs { get; } = new();

    public bool AcceptDamagedLog { get; set; }

    public override ISeriesCatalog Catalog => Inner.Catalog;

    public override IKeyStore Keys => Inner.Keys;

    public override ITickStore Ticks => Inner.Ticks;

    public override IBarStore Bars => Inner.Bars;

    public override IOutbox Outbox => Inner.Outbox;

    public override IReapable Reaper => Inner.Reaper;

    internal RocksDbStore Inner => _store ??= new RocksDbStore(Options(), Time, Logs, Resident);

    public override ValueTask ReopenAsync()
    {
        Close();
        _ = Inner;
        return ValueTask.CompletedTask;
    }

    public void Close()
    {
        _store?.Dispose();
        _store = null;
    }

    public override ValueTask DisposeAsync()
    {
        Close();
        Directory.Delete(Folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>Another store on a copy of the folder as it is now: what a crash at this moment would leave.</summary>
    public RocksDbHarness CopyAfterCrash()
    {
        var copy = new RocksDbHarness { Limits = Limits };
        foreach (var file in Directory.GetFiles(Folder).Where(file => Path.GetFileName(file) != "tikr.lock"))
            File.Copy(file, Path.Combine(copy.Folder, Path.GetFileName(file)));
        copy.Time.SetUtcNow(Time.GetUtcNow());
        return copy;
    }

    public string NewestLog() => Directory.GetFiles(Folder, "*.log").Where(file => new FileInfo(file).Length > 0).Max()!;

    public long FileBytes(string pattern = "*.sst") => Directory.GetFiles(Folder, pattern).Sum(file => new FileInfo(file).Length);

    internal RocksDbStoreOptions Options() => new()
    {
        DataDir = Folder,
        TicksTtl = Limits.TicksTtl,
        BarsTtl = Limits.BarsTtl,
        TicksMaxBytes = Limits.TicksMaxBytes,
        BarsMaxBytes = Limits.BarsMaxBytes,
        AcceptDamagedLog = AcceptDamagedLog,
        BlockCacheBytes = 8 << 20,
        WriteBufferBytes = 16 << 20,
    };
}
