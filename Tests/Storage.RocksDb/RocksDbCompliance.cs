namespace Tikr.Tests.Storage.RocksDb;

public sealed class RocksDbKeyStore : KeyStoreCompliance
{
    protected override StoreHarness Create(StoreLimits limits) => new RocksDbHarness { Limits = limits };
}

public sealed class RocksDbTickStore : TickStoreCompliance
{
    protected override StoreHarness Create(StoreLimits limits) => new RocksDbHarness { Limits = limits };
}

public sealed class RocksDbIncarnations : IncarnationCompliance
{
    protected override StoreHarness Create(StoreLimits limits) => new RocksDbHarness { Limits = limits };
}

public sealed class RocksDbBarStore : BarStoreCompliance
{
    protected override StoreHarness Create(StoreLimits limits) => new RocksDbHarness { Limits = limits };
}

public sealed class RocksDbRetention : RetentionCompliance
{
    protected override StoreHarness Create(StoreLimits limits) => new RocksDbHarness { Limits = limits };
}

public sealed class RocksDbOutbox : OutboxCompliance
{
    protected override StoreHarness Create(StoreLimits limits) => new RocksDbHarness { Limits = limits };
}

public sealed class RocksDbRebuild : RebuildCompliance
{
    protected override StoreHarness Create(StoreLimits limits) => new RocksDbHarness { Limits = limits };
}
