using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Tikr.Core.Rollup;
using Tikr.Core.Time;
using Tikr.Storage;

namespace Tikr.Benchmarks.Host;

/// <summary>A store that keeps no ticks: what a commit costs is left out, everything else is as it is.</summary>
internal sealed class NoTicks(TimeProvider time) : ISeriesCatalog, ITickStore
{
    private readonly long _startNs = time.GetUnixNanoseconds() - 60_000_000_000;
    private FlushId _last;

    public TimeSpan TicksTtl => TimeSpan.FromHours(24);

    public string? IngestBlockedReason => null;

    public ValueTask<IReadOnlyList<Series>> OpenAsync(IReadOnlyList<SeriesModel> models, CancellationToken cancellation) =>
        ValueTask.FromResult<IReadOnlyList<Series>>([.. models.Select((model, i) =>
            new Series((ushort)(i + 1), model.WithFieldIds([.. model.Fields.Select((_, field) => (ushort)(field + 1))])))]);

    public ValueTask<uint> AllocateEpochAsync(CancellationToken cancellation) => ValueTask.FromResult(1u);

    public ValueTask CommitAsync(FlushCommit commit, CancellationToken cancellation)
    {
        _last = commit.Id;
        return ValueTask.CompletedTask;
    }

    public ValueTask<FlushVector> ReadCommittedAsync(CancellationToken cancellation) => ValueTask.FromResult<FlushVector>([_last]);

    public long CompleteFrom(Series series) => _startNs;

    public async IAsyncEnumerable<TickBatch> ReadAsync(TickRead read, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        yield break;
    }

    public async IAsyncEnumerable<Manifest> ReadManifestsAsync(
        IReadOnlyCollection<uint> epochs, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        yield break;
    }

    public ValueTask RetireAsync(uint epoch, ulong belowFlush, CancellationToken cancellation) => ValueTask.CompletedTask;
}

internal static class NoTicksHosting
{
    /// <summary>Takes the store out and puts memory in its place.</summary>
    public static void KeepNoTicks(this IServiceCollection services)
    {
        foreach (var type in new[] { typeof(IReapable), typeof(IStoreStatistics), typeof(IStoreHealth) })
            services.RemoveAll(type);
        services.AddSingleton<NoTicks>();
        services.Replace(ServiceDescriptor.Singleton<ISeriesCatalog>(provider => provider.GetRequiredService<NoTicks>()));
        services.Replace(ServiceDescriptor.Singleton<ITickStore>(provider => provider.GetRequiredService<NoTicks>()));
        services.Replace(ServiceDescriptor.Singleton<IKeyStore, MemoryKeys>());
        services.Replace(ServiceDescriptor.Singleton<IBarStore, MemoryBars>());
    }
}
