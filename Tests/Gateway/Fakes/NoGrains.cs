using Tikr.Core.Delivery;

namespace Tikr.Tests.Gateway.Fakes;

/// <summary>Stands in for grains where a test only asks questions: nobody else takes part, nothing to recover, nothing delivered.</summary>
internal sealed class NoGrains : IRecovery, IPartialRouter, ICluster
{
    public bool HasOpenPairs => false;

    public string? WaitsFor => null;

    public Task RegisterAsync(string definitions, CancellationToken cancellation) => Task.CompletedTask;

    public Task JoinAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task<IReadOnlyList<RecoveredPair>> RecoverAsync(uint currentEpoch, CancellationToken cancellation = default) =>
        Task.FromResult<IReadOnlyList<RecoveredPair>>([]);

    public Task RecomputeAsync(IReadOnlyList<RecoveredPair> pairs, CancellationToken cancellation = default) => Task.CompletedTask;

    public int WaitingBars => 0;

    public Task<bool> DeliverAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellation) => Task.FromResult(true);
}
