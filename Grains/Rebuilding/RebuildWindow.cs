using Tikr.Core.Delivery;
using Tikr.Core.Rollup;
using Tikr.Grains.Recovery;
using Tikr.Storage;

namespace Tikr.Grains.Rebuilding;

/// <summary>
/// A window of event time whose bars are made again: pairs are found for some keys at a time, and made in portions, so that what is
/// published never takes more room in the outbox than there is. Where there is none it goes on at the next call.
/// </summary>
internal sealed class RebuildWindow(Series series, PairFinder finder, PairCloser closer, uint[] keys)
{
    private const int KeysAtOnce = 16_384;

    // What live requests may have to wait for.
    private const int PairsAtOnce = 2_048;
    private List<(Series Series, RecoveredPair Pair)> _pairs = [];
    private int _nextKey, _nextPair;

    /// <summary>Its first bucket.</summary>
    public required long FromNs { get; set; }

    /// <summary>The bucket behind its last.</summary>
    public required long ToNs { get; set; }

    /// <summary>Whether what lies behind it has been made already: it is cut at its beginning then, else at its end.</summary>
    public required bool IsNewestFirst { get; init; }

    /// <summary>Whether bars that change are published.</summary>
    public required bool IsPublished { get; init; }

    /// <summary>Whether it had too many pairs and became shorter.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Bars made so far.</summary>
    public int Bars { get; private set; }

    /// <summary>Whether nothing of it is left.</summary>
    public bool IsDone => _nextKey == keys.Length && _nextPair == _pairs.Count;

    /// <summary>Makes bars until it is done or there is no room.</summary>
    /// <param name="room">How many bars may be published now.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="StoreUnavailableException">The store did not answer.</exception>
    public async Task MakeAsync(Func<CancellationToken, ValueTask<int>> room, CancellationToken cancellation)
    {
        while (!IsDone)
        {
            if (_nextPair == _pairs.Count)
            {
                await FindAsync(cancellation).ConfigureAwait(false);
                continue;
            }

            var portion = Math.Min(PairsAtOnce, _pairs.Count - _nextPair);
            if (IsPublished) portion = Math.Min(portion, await room(cancellation).ConfigureAwait(false));
            if (portion == 0) return;
            var (failed, _) = await closer.CloseAsync(_pairs.GetRange(_nextPair, portion), settled: null, cancellation, IsPublished)
                .ConfigureAwait(false);
            if (failed > 0) throw new StoreUnavailableException($"{failed} bars of series '{series.Name}' could not be made again.");
            _nextPair += portion;
            Bars += portion;
        }
    }

    private async Task FindAsync(CancellationToken cancellation)
    {
        var some = keys.AsSpan(_nextKey, Math.Min(KeysAtOnce, keys.Length - _nextKey)).ToArray();
        if (await finder.FindAsync(series, some, FromNs, ToNs, cancellation).ConfigureAwait(false) is not { } pairs)
        {
            // What has been made of the longer window already is found unchanged.
            Cut();
            return;
        }

        // Near in time and by key: a portion then needs few scans.
        pairs.Sort(static (left, right) =>
            (left.Pair.BucketStart, left.Pair.KeyId).CompareTo((right.Pair.BucketStart, right.Pair.KeyId)));
        (_pairs, _nextPair) = (pairs, 0);
        _nextKey += some.Length;
    }

    private void Cut()
    {
        var half = Math.Max(series.Model.Spec.RollupNs, (ToNs - FromNs) / 2);
        if (IsNewestFirst) FromNs = series.Model.BucketOf(ToNs - half);
        else ToNs = series.Model.BucketOf(FromNs + half);
        (_nextKey, IsCut) = (0, true);
    }
}
