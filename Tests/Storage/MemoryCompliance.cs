namespace Tikr.Tests.Storage;

public sealed class MemoryKeyStore : KeyStoreCompliance
{
    protected override StoreHarness Create(StoreLimits limits) => new MemoryHarness { Limits = limits };
}

public sealed class MemoryTickStore : TickStoreCompliance
{
    protected override StoreHarness Create(StoreLimits limits) => new MemoryHarness { Limits = limits };
}

public sealed class MemoryIncarnations : IncarnationCompliance
{
    protected override StoreHarness Create(StoreLimits limits) => new MemoryHarness { Limits = limits };
}

public sealed class MemoryBarStore : BarStoreCompliance
{
    protected override StoreHarness Create(StoreLimits limits) => new MemoryHarness { Limits = limits };
}

public sealed class MemoryOutbox : OutboxCompliance
{
    protected override StoreHarness Create(StoreLimits limits) => new MemoryHarness { Limits = limits };
}

public sealed class MemoryRebuild : RebuildCompliance
{
    protected override StoreHarness Create(StoreLimits limits) => new MemoryHarness { Limits = limits };
}
