namespace Tikr.Core.Delivery;

/// <summary>Brings stored bars up to the stored ticks where no grain does: after a crash, a lost delivery, a lost activation.</summary>
public interface IRecovery
{
    /// <summary>
    /// Called once by the gateway, after it has allocated its epoch and before it accepts ticks. Recomputes and stores the bars of every
    /// (key, bucket) that an earlier epoch left uncovered and that is past its close, and retires the manifests this settles.
    /// Returns the pairs that are not due yet: the gateway marks their cells for recompute (partials without state), since ticks of
    /// earlier epochs belong to their bars. A pair that gets no further tick is closed by recovery itself when it is due. Pairs of another
    /// granularity are not among them: no state proves their buckets.
    /// </summary>
    Task<IReadOnlyList<RecoveredPair>> RecoverAsync(uint currentEpoch, CancellationToken cancellation = default);

    /// <summary>
    /// Whether pairs of earlier epochs are left that no stored bar is known to cover. Until then a state may lack ticks of them, whatever
    /// any clock says.
    /// </summary>
    bool HasOpenPairs { get; }

    /// <summary>
    /// Recomputes and stores the bars of pairs that stayed uncovered long past their close, and tells <see cref="ICoverageSink"/> what is
    /// covered. A pair that fails is logged, counted and left uncovered: ask again.
    /// </summary>
    Task RecomputeAsync(IReadOnlyList<RecoveredPair> pairs, CancellationToken cancellation = default);
}

/// <summary>A (key, bucket) whose committed ticks no stored bar covers yet.</summary>
/// <param name="SeriesId">The series.</param>
/// <param name="KeyId">The key.</param>
/// <param name="BucketStart">Bucket start in the series' present granularity, Unix nanoseconds.</param>
public readonly record struct RecoveredPair(ushort SeriesId, uint KeyId, long BucketStart);
