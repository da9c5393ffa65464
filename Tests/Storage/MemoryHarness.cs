using Tikr.Storage;
using Tikr.Tests.Support.Memory;

namespace Tikr.Tests.Storage;

/// <summary>The store in memory that other tests rely on; a restart is another store over the same disk.</summary>
public sealed class MemoryHarness : StoreHarness
{
    private MemoryDisk _disk = new();
    private MemoryStore? _store;

    public override ISeriesCatalog Catalog => Inner;

    public override IRebuildStore Rebuilds => Inner;

    public override IKeyStore Keys => Inner;

    public override ITickStore Ticks => Inner;

    public override IIncarnations Incarnations => Inner;

    public override IBarStore Bars => Inner;

    public override IOutbox Outbox => Inner;

    public override IReapable Reaper => Inner;

    public override bool DropsKeys => false;

    private MemoryStore Inner => _store ??= new MemoryStore(_disk, Time) { TickTtl = Limits.TicksTtl, BarTtl = Limits.BarsTtl };

    public override ValueTask ReopenAsync()
    {
        _store?.Crash();
        _store = null;
        return ValueTask.CompletedTask;
    }

    public override StoreHarness Join() => new MemoryHarness { Limits = Limits, Time = Time, _disk = _disk };

    public override ValueTask DisposeAsync() => ReopenAsync();
}
