using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.TestingHost;
using Tikr.Core.Delivery;
using Tikr.Core.Dimensions;
using Tikr.Core.Rollup;
using Tikr.Core.Time;
using Tikr.Grains;
using Tikr.Grains.Metrics;
using Tikr.Storage;
using Tikr.Tests.Support.Memory;
using Tikr.Tests.Support.Time;

namespace Tikr.Tests.Grains;

/// <summary>One silo in this process over a store in memory, with the test's clock for everything that is ours.</summary>
internal sealed class TestSilo : IAsyncDisposable
{
    private readonly InProcessTestCluster _cluster;
    private readonly Dictionary<string, InternedKey> _keys = new(StringComparer.Ordinal);
    private ulong _flush;

    private TestSilo(InProcessTestCluster cluster) => _cluster = cluster;

    public SteppingTime Time { get; } = new(DateTimeOffset.UnixEpoch.AddSeconds(1_000_000));

    public MemoryStore Store { get; private set; } = null!;

    public TestGateway Gateway { get; } = new();

    public BarWatch Bars { get; } = new();

    public Series Series { get; private set; } = null!;

    public SeriesModel Model => Series.Model;

    /// <summary>The bucket in which the clock stands.</summary>
    public long Bucket => Model.BucketOf(Time.GetUnixNanoseconds());

    /// <summary>When a bucket is due, monotonic nanoseconds, if the wall clock does not step.</summary>
    public long DueAt(long bucket) => Instant.Of(Time).MonotonicAt(Model.DueOf(bucket));

    public IServiceProvider Services => _cluster.GetSiloServiceProvider(_cluster.Silos[0].SiloAddress);

    public GrainMetrics Metrics => Services.GetRequiredService<GrainMetrics>();

    private IRecovery Recovery => Services.GetRequiredService<IRecovery>();

    public static async Task<TestSilo> StartAsync(
        Action<TikrGrainOptions>? configure = null, SeriesModel? model = null, MemoryDisk? disk = null)
    {
        TestSilo? silo = null;
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, host) => silo!.Configure(host, configure));
        builder.Options.InitializeClientOnDeploy = false;
        silo = new TestSilo(builder.Build());
        silo.Store = new MemoryStore(disk, silo.Time);
        silo.Store.Faults.OnStored = silo.Bars.Stored;
        silo.Series = (await silo.Store.OpenAsync([model ?? TestSeries.Model()], default))[0];
        silo.Gateway.Epoch = await silo.Store.AllocateEpochAsync(default);
        await silo._cluster.DeployAsync();
        silo.Services.GetRequiredService<SeriesDirectory>().Open([silo.Series]);
        return silo;
    }

    /// <summary>Ends a wait that takes too long, saying what was waited for.</summary>
    public static CancellationToken Deadline(string what)
    {
        var source = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        source.Token.Register(() => TestContext.Current.SendDiagnosticMessage($"Waited 60 s for {what}."));
        return source.Token;
    }

    /// <summary>The key of a symbol, known to the store.</summary>
    public InternedKey Key(string symbol = "ABC")
    {
        if (_keys.TryGetValue(symbol, out var key)) return key;
        key = new InternedKey(Model, new DimensionSet(Model.Spec, [symbol]));
        Store.ResolveAsync(Series, [key], default).AsTask().GetAwaiter().GetResult();
        return _keys[symbol] = key;
    }

    public ISeriesGrain Grain(string symbol = "ABC") =>
        Services.GetRequiredService<IGrainFactory>().GetGrain<ISeriesGrain>(SeriesGrainKey.Of(Model.Name, Key(symbol).Dimensions.Hash));

    /// <summary>A tick at an offset into a bucket; <paramref name="bit"/> shows in the bar's sum.</summary>
    public TestTick Tick(long bucket, long offsetMs, long bit, long value = 10, uint sequence = 0, string symbol = "ABC") =>
        new(Key(symbol).KeyId, bucket + (offsetMs * 1_000_000), sequence, bit, value);

    /// <summary>Commits ticks as the next flush.</summary>
    public async Task<TestFlush> CommitAsync(params TestTick[] ticks)
    {
        var flush = TestFlush.Of(Series, new FlushId(Gateway.Epoch, ++_flush), ticks);
        await Store.CommitAsync(flush.ToCommit(), default);
        return flush;
    }

    /// <summary>The partial of a flush for a pair.</summary>
    public Partial PartialOf(TestFlush flush, long bucket, ulong previous = 0,
        bool close = false, bool recompute = false, bool final = false, string symbol = "ABC")
    {
        var state = recompute ? null : Model.NewState();
        if (state is not null) flush.Fold(new BucketRef(Key(symbol).KeyId, bucket), state);
        return new Partial
        {
            Epoch = flush.Id.Epoch,
            FromFlush = flush.Id.Flush,
            ToFlush = flush.Id.Flush,
            PreviousFlush = previous,
            BucketStart = bucket,
            DueNs = DueAt(bucket),
            State = state,
            Close = close,
            Final = final,
        };
    }

    /// <summary>The gateway has been started anew.</summary>
    public async Task NewEpochAsync() => Gateway.Epoch = await Store.AllocateEpochAsync(default);

    public Task<IReadOnlyList<RecoveredPair>> RecoverAsync() => Recovery.RecoverAsync(Gateway.Epoch, Deadline("recovery"));

    public Task RecomputeAsync(long bucket) =>
        Recovery.RecomputeAsync([new RecoveredPair(Series.Id, Key().KeyId, bucket)], Deadline("a recompute"));

    /// <summary>Somebody else stores a bar of just these ticks.</summary>
    public async Task WriteElsewhereAsync(TestFlush flush)
    {
        await Store.WriteAsync([new BarWrite(Series, Key().KeyId, SortedPass.BarOf(Model, flush.Ticks), -1)], default);
        await Bars.NextAsync();
    }

    /// <summary>
    /// Delivers partials of one key as the gateway does, and waits for the turn in which its grain sets the timer: the clock may be turned
    /// on then.
    /// </summary>
    public async Task DeliverAsync(params Partial[] partials)
    {
        await DeliverAsync([.. partials.Select(partial => new Delivery(Key(), partial))]);
        await Grain().GetOpenBarsAsync(0, 0);
    }

    public Task DeliverAsync(IReadOnlyList<Delivery> deliveries) =>
        Services.GetRequiredService<IPartialRouter>().DeliverAsync(deliveries, Deadline("a delivery"));

    /// <summary>Sets the clock to a bucket's due time and a little more; the gateway has delivered everything before it.</summary>
    public void PassDue(long bucket, bool delivered = true)
    {
        if (delivered) Gateway.DeliveredThroughNs = DueAt(bucket);
        Time.Advance(TimeSpan.FromTicks((Model.DueOf(bucket) - Time.GetUnixNanoseconds()) / 100) + TimeSpan.FromMilliseconds(6));
    }

    /// <summary>Turns the clock on in small steps until something has happened; each step waits for the grain's turn.</summary>
    public async Task AdvanceUntilAsync(Task happened, string symbol = "ABC")
    {
        var deadline = Deadline("something to happen while time passes");
        while (!happened.IsCompleted)
        {
            deadline.ThrowIfCancellationRequested();
            Time.Advance(TimeSpan.FromMilliseconds(5));
            await Grain(symbol).GetOpenBarsAsync(0, 0);
        }

        await happened;
    }

    /// <summary>Takes the activation away as a rebalance would.</summary>
    public Task DeactivateAsync(string symbol = "ABC") => _cluster.DeactivateAsync(Grain(symbol).GetGrainId());

    public Task WaitForDeactivationAsync(string symbol = "ABC") => _cluster.WaitForDeactivationAsync(Grain(symbol).GetGrainId());

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private void Configure(ISiloBuilder host, Action<TikrGrainOptions>? configure)
    {
        var services = host.Services;
        services.Replace(ServiceDescriptor.Singleton<TimeProvider>(Time));

        // Orleans' own background loops stay on real time: Advance would run them inline, over and over.
        services.AddKeyedSingleton<TimeProvider>(KeyedService.AnyKey, (_, _) => TimeProvider.System);
        services.AddKeyedSingleton<TimeProvider>(TimeProviderNames.Grains, (provider, _) => provider.GetRequiredService<TimeProvider>());
        services.AddSingleton<ITickStore>(Store);
        services.AddSingleton<IBarStore>(Store);
        services.AddSingleton<IIncarnations>(Store);
        services.AddSingleton<IKeyStore>(Store);
        services.AddSingleton<IRebuildStore>(Store);
        services.AddSingleton<IOutbox>(Store);
        services.AddSingleton(Gateway.Live);
        services.AddSingleton(new OutboxLayout(4));
        host.AddTikrGrains(configure);
    }
}
