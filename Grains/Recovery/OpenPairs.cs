using Tikr.Core.Delivery;
using Tikr.Core.Rollup;
using Tikr.Storage;

namespace Tikr.Grains.Recovery;

/// <summary>
/// Pairs of earlier epochs that no stored bar covers, and from which manifest on: enough to know which manifests are settled,
/// since manifests of an epoch are retired in order.
/// </summary>
internal sealed class OpenPairs
{
    private readonly List<FlushId> _manifests = [];
    private readonly HashSet<FlushId> _known = [];
    private readonly HashSet<ushort> _missing = [];
    private readonly Dictionary<RecoveredPair, int> _first = [];

    // Manifests retired before the list's first: indexes count on.
    private int _retired;

    /// <summary>Uncovered pairs.</summary>
    public IReadOnlyCollection<RecoveredPair> Pairs => _first.Keys;

    /// <summary>Manifests not retired yet.</summary>
    public int Manifests => _manifests.Count;

    /// <summary>
    /// Takes a manifest; one that is known already is passed over. Reports series that are not configured, each once: their pairs wait in
    /// the store, and hold up nobody else's.
    /// </summary>
    public void Add(Manifest manifest, SeriesDirectory directory, Action<ushort> missing)
    {
        if (_known.Contains(manifest.Id)) return;
        var configured = manifest.Sections.Count == 0;
        foreach (var section in manifest.Sections)
        {
            if (directory.TryFind(section.SeriesId, out _)) configured = true;
            else if (_missing.Add(section.SeriesId)) missing(section.SeriesId);
        }

        if (!configured) return;
        _known.Add(manifest.Id);
        var index = _retired + _manifests.Count;
        _manifests.Add(manifest.Id);
        foreach (var section in manifest.Sections)
        {
            if (!directory.TryFind(section.SeriesId, out var series)) continue;
            foreach (var pair in section.Pairs) AddPair(series, section.RollupNs, pair, index);
        }
    }

    /// <summary>A stored bar covers the pair in all manifests known now.</summary>
    public void Settle(RecoveredPair pair) => _first.Remove(pair);

    /// <summary>Per epoch, the flush below which manifests are settled; they are forgotten here.</summary>
    public IReadOnlyList<FlushId> TakeSettled()
    {
        var boundary = _retired + _manifests.Count;
        foreach (var first in _first.Values) boundary = Math.Min(boundary, first);
        var count = boundary - _retired;
        var last = new Dictionary<uint, ulong>();
        for (var i = 0; i < count; i++)
        {
            last[_manifests[i].Epoch] = _manifests[i].Flush + 1;
            _known.Remove(_manifests[i]);
        }

        _manifests.RemoveRange(0, count);
        _retired = boundary;
        return [.. last.Select(epoch => new FlushId(epoch.Key, epoch.Value))];
    }

    // Written under another granularity, a pair stands for the present buckets that overlap it.
    private void AddPair(Series series, long rollupNs, BucketRef pair, int index)
    {
        var model = series.Model;
        if (rollupNs == model.Spec.RollupNs)
        {
            _first.TryAdd(new RecoveredPair(series.Id, pair.KeyId, pair.BucketStart), index);
            return;
        }

        for (var start = model.BucketOf(pair.BucketStart); start < pair.BucketStart + rollupNs; start += model.Spec.RollupNs)
            _first.TryAdd(new RecoveredPair(series.Id, pair.KeyId, start), index);
    }
}
