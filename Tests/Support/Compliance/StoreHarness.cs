using Microsoft.Extensions.Time.Testing;
using Tikr.Core.Rollup;
using Tikr.Storage;

namespace Tikr.Tests.Support.Compliance;

/// <summary>A store under test. A new store derives one class from this, and one class from each compliance suite.</summary>
public abstract class StoreHarness : IAsyncDisposable
{
    public FakeTimeProvider Time { get; init; } = new(new DateTimeOffset(2026, 3, 2, 12, 0, 0, TimeSpan.Zero));

    public StoreLimits Limits { get; init; } = new();

    public abstract ISeriesCatalog Catalog { get; }

    public abstract IRebuildStore Rebuilds { get; }

    public abstract IKeyStore Keys { get; }

    public abstract ITickStore Ticks { get; }

    public abstract IIncarnations Incarnations { get; }

    public abstract IBarStore Bars { get; }

    public abstract IOutbox Outbox { get; }

    /// <summary>Null for a store that expires its data itself.</summary>
    public abstract IReapable? Reaper { get; }

    /// <summary>Whether keys go once their data is gone.</summary>
    public virtual bool DropsKeys => true;

    /// <summary>The keys that the process of the store holds.</summary>
    public ResidentKeys Resident { get; } = new();

    public long NowNs => (Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    /// <summary>Closes the store and opens it again, as after a restart.</summary>
    public abstract ValueTask ReopenAsync();

    /// <summary>Another process on the same store; null where only one may open it.</summary>
    public virtual StoreHarness? Join() => null;

    public abstract ValueTask DisposeAsync();

    public async Task<Series> OpenAsync(SeriesModel model) => (await Catalog.OpenAsync([model], default))[0];

    /// <summary>One pass of housekeeping at the present time.</summary>
    public async Task ReapAsync()
    {
        if (Reaper is not null) await Reaper.ReapAsync(NowNs, default);
    }
}

/// <summary>Settings that suites vary.</summary>
public sealed record StoreLimits
{
    public TimeSpan TicksTtl { get; init; } = TimeSpan.FromHours(1);

    public TimeSpan BarsTtl { get; init; } = TimeSpan.FromHours(1);

    public long TicksMaxBytes { get; init; }

    public long BarsMaxBytes { get; init; }
}

/// <summary>What all suites share.</summary>
public abstract class StoreSuite : IAsyncLifetime
{
    private readonly List<StoreHarness> _harnesses = [];

    protected StoreHarness Store { get; private set; } = null!;

    protected Series Series { get; private set; } = null!;

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Makes an empty store.</summary>
    protected abstract StoreHarness Create(StoreLimits limits);

    public virtual async ValueTask InitializeAsync() => await StartAsync(new StoreLimits());

    public async ValueTask DisposeAsync()
    {
        foreach (var harness in _harnesses) await harness.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts over with a store of other limits.</summary>
    protected async Task StartAsync(StoreLimits limits, SeriesModel? model = null)
    {
        Store = Create(limits);
        _harnesses.Add(Store);
        Series = await Store.OpenAsync(model ?? Market.Model());
    }

    /// <summary>Restarts the store and finds the series again.</summary>
    protected async Task ReopenAsync(SeriesModel? model = null)
    {
        await Store.ReopenAsync();
        Series = await Store.OpenAsync(model ?? Series.Model);
    }
}
