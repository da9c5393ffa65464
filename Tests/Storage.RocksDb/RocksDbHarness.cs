using RocksDbSharp;
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

    public long WriteBufferBytes { get; init; } = 16 << 20;

    public override ISeriesCatalog Catalog => Inner.Catalog;

    public override IRebuildStore Rebuilds => Inner.Rebuilds;

    public override IKeyStore Keys => Inner.Keys;

    public override ITickStore Ticks => Inner.Ticks;

    public override IIncarnations Incarnations => Inner.Incarnations;

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
        using (var usage = Inner.Database.Use())
        {
            // What the manifest names as it is copied stays there, whatever is compacted meanwhile.
            Native.Instance.rocksdb_disable_file_deletions(usage.Families.Db.Handle, out _);
            foreach (var file in Directory.GetFiles(Folder).Where(IsManifest).Concat(Directory.GetFiles(Folder).Where(IsOther)))
                File.Copy(file, Path.Combine(copy.Folder, Path.GetFileName(file)));
            Native.Instance.rocksdb_enable_file_deletions(usage.Families.Db.Handle, out _);
        }

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
        WriteBufferBytes = WriteBufferBytes,
    };

    private static bool IsManifest(string file) =>
        Path.GetFileName(file) is var name && (name == "CURRENT" || name.StartsWith("MANIFEST-", StringComparison.Ordinal));

    private static bool IsOther(string file) => !IsManifest(file) && Path.GetFileName(file) != "tikr.lock";
}
