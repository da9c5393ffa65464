using Tikr.Core.Rollup;
using Tikr.Storage;

namespace Tikr.Tests.Gateway.Ingest;

/// <summary>A tick store that only remembers commits, or does with them what a test says.</summary>
internal sealed class ScriptedTickStore : ITickStore
{
    public Action<FlushCommit>? OnCommit { get; set; }

    public List<FlushId> Committed { get; } = [];

    public TimeSpan TicksTtl => TimeSpan.FromHours(6);

    public string? IngestBlockedReason => null;

    public ValueTask<uint> AllocateEpochAsync(CancellationToken cancellation) => ValueTask.FromResult(1u);

    public ValueTask CommitAsync(FlushCommit commit, CancellationToken cancellation)
    {
        OnCommit?.Invoke(commit);
        if (commit.LeastBucket < CompleteFromNs) throw new TicksTooOldException(commit.Id);
        Committed.Add(commit.Id);
        return ValueTask.CompletedTask;
    }

    public async IAsyncEnumerable<TickBatch> ReadAsync(
        TickRead read, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        yield break;
    }

    public async IAsyncEnumerable<Manifest> ReadManifestsAsync(
        IReadOnlyCollection<uint> epochs, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        yield break;
    }

    public ValueTask<FlushVector> ReadCommittedAsync(CancellationToken cancellation) =>
        ValueTask.FromResult<FlushVector>([.. Committed]);

    public ValueTask RetireAsync(uint epoch, ulong belowFlush, CancellationToken cancellation) => ValueTask.CompletedTask;

    /// <summary>What it has deleted.</summary>
    public long CompleteFromNs { get; set; }

    public long CompleteFrom(Series series) => CompleteFromNs;
}
