using Tikr.Core.Delivery;

namespace Tikr.Tests.Gateway.Fakes;

/// <summary>Stands in for grains where a test only asks questions: nothing to recover, nothing delivered.</summary>
internal sealed class NoGrains : IRecovery, IPartialRouter
{
    public bool HasOpenPairs => false;

    public Task<IReadOnlyList<RecoveredPair>> RecoverAsync(uint currentEpoch, CancellationToken cancellation = default) =>
        Task.FromResult<IReadOnlyList<RecoveredPair>>([]);

    public Task RecomputeAsync(IReadOnlyList<RecoveredPair> pairs, CancellationToken cancellation = default) => Task.CompletedTask;

    public int WaitingBars => 0;

    public Task<bool> DeliverAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellation) => Task.FromResult(true);
}
