using Microsoft.Extensions.Logging;
using Tikr.Core.Delivery;
using Tikr.Core.Rollup;
using Tikr.Storage;

namespace Tikr.Grains.Recovery;

/// <summary>
/// Uncovered pairs of each sealed incarnation. Its manifests are read once, since none can be added any more. One without a silo is in no
/// membership, and is never sealed for that: it counts as dead for whoever has a greater epoch, and is read again and again.
/// </summary>
internal sealed class Leftovers(ITickStore ticks, SeriesDirectory directory, ILogger logger)
{
    private readonly Dictionary<string, OpenPairs> _open = new(StringComparer.Ordinal);
    private readonly HashSet<string> _nameless = new(StringComparer.Ordinal);
    private readonly HashSet<ushort> _missing = [];

    /// <summary>Uncovered pairs of all.</summary>
    public IEnumerable<RecoveredPair> Pairs => _open.Values.SelectMany(open => open.Pairs).Distinct();

    /// <summary>Whether nothing is uncovered.</summary>
    public bool IsEmpty => _open.Values.All(open => open.IsEmpty);

    /// <summary>Reads what has not been read, and forgets those whose manifests are retired. Gives what is new.</summary>
    public async Task<List<LeftPairs>> ReadAsync(
        IReadOnlyList<RegisteredIncarnation> all, uint currentEpoch, CancellationToken cancellation)
    {
        List<LeftPairs> found = [];
        HashSet<string> left = new(StringComparer.Ordinal);
        foreach (var one in all)
        {
            var name = one.Incarnation.Name;
            var isNameless = !one.IsSealed && one.Incarnation.Silo.Length == 0;
            if (!one.HasManifests || !(one.IsSealed || isNameless)) continue;
            left.Add(name);
            if (isNameless) _nameless.Add(name);
            else if (!_nameless.Remove(name) && _open.ContainsKey(name)) continue;
            uint[] epochs = [.. one.Epochs.Where(epoch => !isNameless || epoch < currentEpoch)];
            var open = _open.GetValueOrDefault(name) ?? new OpenPairs();
            await foreach (var manifest in ticks.ReadManifestsAsync(epochs, cancellation).ConfigureAwait(false))
                open.Add(manifest, directory, Missing);
            _open[name] = open;
            if (one.IsSealed) found.Add(new LeftPairs(epochs, open.ByPair));
        }

        foreach (var retired in _open.Keys.Where(name => !left.Contains(name)).ToList()) _open.Remove(retired);
        return found;
    }

    /// <summary>Incarnations that have manifests to retire, or pairs to close.</summary>
    public IReadOnlyCollection<string> WithWork(Func<SeriesModel, long, bool> isDue) =>
        [.. _open.Where(one => one.Value.HasSettled || one.Value.Pairs.Any(pair => IsDue(pair.SeriesId, pair.BucketStart, isDue))
            || one.Value.Spans.Any(open => IsDue(open.Span.SeriesId, open.FromNs, isDue))).Select(one => one.Key)];

    /// <summary>Pairs of some that are due.</summary>
    public List<(Series, RecoveredPair)> Due(IReadOnlyCollection<string> names, Func<SeriesModel, long, bool> isDue)
    {
        List<(Series, RecoveredPair)> due = [];
        foreach (var pair in Of(names).SelectMany(open => open.Pairs).Distinct())
        {
            if (directory.TryFind(pair.SeriesId, out var series) && isDue(series.Model, pair.BucketStart)) due.Add((series, pair));
        }

        return due;
    }

    /// <summary>A stored bar covers the pair in everything read so far.</summary>
    public void Settle(RecoveredPair pair)
    {
        foreach (var open in _open.Values) open.Settle(pair);
    }

    /// <summary>Per epoch of some, the flush below which manifests are settled; they are forgotten here.</summary>
    public IReadOnlyList<FlushId> TakeSettled(IReadOnlyCollection<string> names, ref int manifests)
    {
        List<FlushId> below = [];
        foreach (var open in Of(names))
        {
            manifests += open.Manifests;
            below.AddRange(open.TakeSettled());
        }

        return below;
    }

    /// <summary>Reads some again.</summary>
    public void Forget(IReadOnlyCollection<string> names)
    {
        foreach (var name in names) _open.Remove(name);
    }

    /// <summary>Those of some incarnations, and of the nameless.</summary>
    public IEnumerable<OpenPairs> Of(IReadOnlyCollection<string> names) =>
        names.Concat(_nameless).Select(name => _open.GetValueOrDefault(name)).OfType<OpenPairs>();

    private bool IsDue(ushort seriesId, long bucket, Func<SeriesModel, long, bool> isDue) =>
        directory.TryFind(seriesId, out var series) && isDue(series.Model, bucket);

    private void Missing(ushort seriesId)
    {
        if (_missing.Add(seriesId)) Log.SeriesNotConfigured(logger, seriesId);
    }
}
