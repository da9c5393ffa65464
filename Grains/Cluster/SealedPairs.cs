using System.Collections.Concurrent;
using Tikr.Core.Delivery;
using Tikr.Grains.Activations;
using Tikr.Grains.Recovery;
using Tikr.Storage;

namespace Tikr.Grains.Cluster;

/// <summary>
/// What gateways that are sealed had committed and no bar is known to cover. A bucket may not have heard of it, because its gateway died
/// before it could deliver: open buckets are told, and those that begin later are recomputed, until recovery has brought the bars up to it.
/// </summary>
internal sealed class SealedPairs
{
    private readonly ConcurrentDictionary<RecoveredPair, FlushVector> _pairs = new();
    private readonly RecoveryService _recovery;
    private readonly ActivationRegistry _registry;

    public SealedPairs(RecoveryService recovery, ActivationRegistry registry)
    {
        (_recovery, _registry) = (recovery, registry);
        recovery.Left += Note;
    }

    /// <summary>Whether a bucket that begins now may lack ticks that only the store knows.</summary>
    public bool Contains(in RecoveredPair pair) => !_pairs.IsEmpty && _pairs.ContainsKey(pair);

    /// <summary>Recovers what a gateway left that has just been sealed; the sweep does it otherwise.</summary>
    public async Task RecoverAsync()
    {
        await _recovery.SweepNowAsync().ConfigureAwait(false);
        ForgetRecovered();
    }

    /// <summary>Forgets everything once recovery is through with it.</summary>
    public void ForgetRecovered()
    {
        if (!_recovery.HasOpenPairs) _pairs.Clear();
    }

    // First the marks: a bucket that begins meanwhile is recomputed.
    private void Note(LeftPairs left)
    {
        if (left.Pairs.Count == 0) return;
        foreach (var (pair, flushes) in left.Pairs) _pairs[pair] = flushes;
        var byKey = left.Pairs.ToLookup(pair => (pair.Key.SeriesId, pair.Key.KeyId));
        foreach (var activation in _registry.All)
        {
            foreach (var (pair, flushes) in byKey[(activation.Series.Id, activation.KeyId)])
                activation.NoteSealed(pair.BucketStart, flushes);
        }
    }
}
