namespace Tikr.Tests.Storage.Timescale;

public sealed class TimescaleKeyStoreSuite : KeyStoreCompliance
{
    protected override StoreHarness Create(StoreLimits limits) => new TimescaleHarness { Limits = limits };
}

public sealed class TimescaleTickStoreSuite : TickStoreCompliance
{
    protected override StoreHarness Create(StoreLimits limits) => new TimescaleHarness { Limits = limits };
}

public sealed class TimescaleIncarnationSuite : IncarnationCompliance
{
    protected override StoreHarness Create(StoreLimits limits) => new TimescaleHarness { Limits = limits };
}

public sealed class TimescaleBarStoreSuite : BarStoreCompliance
{
    protected override StoreHarness Create(StoreLimits limits) => new TimescaleHarness { Limits = limits };
}

public sealed class TimescaleRetentionSuite : RetentionCompliance
{
    protected override StoreHarness Create(StoreLimits limits) => new TimescaleHarness { Limits = limits };
}

public sealed class TimescaleOutboxSuite : OutboxCompliance
{
    protected override StoreHarness Create(StoreLimits limits) => new TimescaleHarness { Limits = limits };
}

public sealed class TimescaleRebuildSuite : RebuildCompliance
{
    protected override StoreHarness Create(StoreLimits limits) => new TimescaleHarness { Limits = limits };
}
