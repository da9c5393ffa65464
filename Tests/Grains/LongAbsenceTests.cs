using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tikr.Core.Delivery;
using Tikr.Core.Dimensions;
using Tikr.Core.Rollup;
using Tikr.Core.Time;
using Tikr.Grains;
using Tikr.Grains.Metrics;
using Tikr.Grains.Recompute;
using Tikr.Grains.Recovery;
using Tikr.Grains.Writing;
using Tikr.Storage;
using Tikr.Storage.Reaping;
using Tikr.Storage.RocksDb;
using Tikr.Tests.Support.Memory;
using Tikr.Tests.Support.Time;

namespace Tikr.Tests.Grains;

/// <summary>
/// A wrong clock or a night between two runs costs no bar: what is lost is decided by what was deleted, and nothing is before recovery has
/// had its first round. The embedded store, its reaper and recovery, with a TTL of six hours.
/// </summary>
public sealed class LongAbsenceTests : IDisposable
{
    private const int Buckets = 5, TicksPerBucket = 100;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tikr-absence-");
    private readonly SteppingTime _time = new(DateTimeOffset.UnixEpoch.AddDays(20_000).AddHours(9));
    private long _firstBucket;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Bars_open_when_the_process_ended_are_made_at_the_next_start_whenever_that_is()
    {
        await using (var first = await StartAsync()) await first.CommitAsync(this);
        _time.Advance(TimeSpan.FromHours(7));

        await using var next = await StartAsync();
        await next.ReapAsync();
        await next.RecoverAsync();
        await CheckBarsAsync(next);
        var published = 0;
        await foreach (var entry in next.Get<IOutbox>().ReadAsync(OutboxPartitions.OfBars(next.Series.Id, 1, 1), 0, Stop))
        {
            Assert.True(entry.Bar!.BucketStart >= next.Get<IOutbox>().ExpiredBeforeNs);
            published++;
        }

        Assert.Equal(Buckets, published);

        // Then they have lived long enough, like any other.
        await next.ReapAsync();
        Assert.Null(await next.Get<IBarStore>().FindAsync(next.Series, 1, _firstBucket, Stop));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_start_with_the_clock_hours_ahead_costs_no_bar(bool recovers)
    {
        await using (var first = await StartAsync()) await first.CommitAsync(this);
        _time.StepWall(TimeSpan.FromHours(7));
        await using (var wrong = await StartAsync())
        {
            await wrong.ReapAsync();
            if (recovers) await wrong.RecoverAsync();
            await wrong.ReapAsync();
        }

        _time.StepWall(TimeSpan.FromHours(-7));
        _time.Advance(TimeSpan.FromSeconds(2));
        await using var right = await StartAsync();
        await right.RecoverAsync();
        await right.ReapAsync();
        await CheckBarsAsync(right);
        var read = 0;
        await foreach (var _ in right.Get<IBarStore>().ReadAsync(right.Series, 1, 0, long.MaxValue, Stop)) read++;
        Assert.Equal(Buckets, read);
    }

    private async Task CheckBarsAsync(Process process)
    {
        for (var i = 0; i < Buckets; i++)
        {
            var bar = await process.Get<IBarStore>().FindAsync(process.Series, 1, _firstBucket + (i * TestSeries.Second), Stop);
            Assert.Equal((TicksPerBucket, 0), ((int)bar!.TickCount, bar.Revision));
        }

        Assert.Equal(0, process.Get<ITickStore>().CompleteFrom(process.Series));
    }

    private Task<Process> StartAsync() => Process.StartAsync(_folder.FullName, _time);

    /// <summary>A run of the server, as far as storing, recovering and reaping go.</summary>
    private sealed class Process : IAsyncDisposable
    {
        private readonly ServiceProvider _services;
        private readonly RecoveryGate _gate = new();
        private uint _epoch;

        private Process(ServiceProvider services) => _services = services;

        public Series Series { get; private set; } = null!;

        public static async Task<Process> StartAsync(string folder, TimeProvider time)
        {
            var services = new ServiceCollection().AddLogging().AddMetrics().AddSingleton(time).AddTikrRocksDb(options =>
            {
                options.DataDir = folder;
                options.TicksTtl = options.BarsTtl = TimeSpan.FromHours(6);
            });
            var process = new Process(services.BuildServiceProvider());
            process.Series = (await process.Get<ISeriesCatalog>().OpenAsync([TestSeries.Model()], Stop))[0];
            process._epoch = await process.Get<ITickStore>().AllocateEpochAsync(Stop);
            return process;
        }

        public T Get<T>()
            where T : notnull => _services.GetRequiredService<T>();

        /// <summary>Ticks of five buckets in one flush, acknowledged, none of whose bars is stored.</summary>
        public async Task CommitAsync(LongAbsenceTests test)
        {
            var key = new InternedKey(Series.Model, new DimensionSet(Series.Model.Spec, ["ABC"]));
            await Get<IKeyStore>().ResolveAsync(Series, [key], Stop);
            test._firstBucket = Series.Model.BucketOf(test._time.GetUnixNanoseconds()) - (Buckets * TestSeries.Second);
            var ticks = Enumerable.Range(0, Buckets * TicksPerBucket).Select(
                i => new TestTick(key.KeyId, test._firstBucket + (i * TestSeries.Second / TicksPerBucket), 0, 1, i));
            await Get<ITickStore>().CommitAsync(TestFlush.Of(Series, new FlushId(_epoch, 1), ticks).ToCommit(), Stop);
        }

        /// <summary>A cycle of the reaper, as it comes every ten minutes: not before recovery allows it.</summary>
        public async Task ReapAsync()
        {
            if (_gate.IsOpen) await Get<IReapable>().ReapAsync(Get<TimeProvider>().GetUnixNanoseconds(), Stop);
        }

        /// <summary>Recovery's first round.</summary>
        public async Task RecoverAsync()
        {
            var (time, ticks, bars) = (Get<TimeProvider>(), Get<ITickStore>(), Get<IBarStore>());
            var (metrics, gateways, directory) = (new GrainMetrics(Get<IMeterFactory>()), new LiveGateways(), new SeriesDirectory());
            directory.Open([Series]);
            var options = new TikrGrainOptions();
            var listeners = new BarListeners([], metrics, time, NullLogger<BarListeners>.Instance);
            await using var writer = new BarWriter(bars, listeners, metrics, options, time, NullLogger<BarWriter>.Instance);
            await using var recompute = new RecomputeService(ticks, bars, metrics, NullLogger<RecomputeService>.Instance);
            var repeats = new RepeatReport(metrics, time, NullLogger<RepeatReport>.Instance);
            var overflows = new OverflowReport(metrics, time, NullLogger<OverflowReport>.Instance);
            var closer = new PairCloser(recompute, writer, gateways, metrics, repeats, overflows, new OutboxLayout(1));
            await using var recovery = new RecoveryService(
                ticks, Get<IIncarnations>(), directory, closer, gateways, time, options, NullLogger<RecoveryService>.Instance, _gate);
            Assert.Empty(await recovery.RecoverAsync(_epoch, Stop));
        }

        public ValueTask DisposeAsync() => _services.DisposeAsync();
    }
}
