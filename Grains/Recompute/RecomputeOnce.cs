using Tikr.Core.Rollup;
using Tikr.Grains.Buckets;

namespace Tikr.Grains.Recompute;

/// <summary>A request whose answer is awaited.</summary>
internal sealed class RecomputeOnce : RecomputeItem
{
    private readonly TaskCompletionSource<RecomputeResult> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RecomputeOnce(Series series, uint keyId, long bucketStart, RecomputeCause cause)
        : base(series, keyId, bucketStart)
    {
        Cause = cause;
        ExpectedRevision = -1;
    }

    /// <summary>The answer.</summary>
    public Task<RecomputeResult> Answer => _answer.Task;

    public override void Completed(in RecomputeResult result) => _answer.TrySetResult(result);

    public override void Failed(Exception error) => _answer.TrySetException(error);
}
