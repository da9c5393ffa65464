using Tikr.Core.Delivery;
using Tikr.Core.Rollup;
using Tikr.Storage;

namespace Tikr.Grains.Recovery;

/// <summary>
/// Pairs of an incarnation's epochs that no stored bar covers, and from which manifest on: enough to know which manifests are settled,
/// since manifests of an epoch are retired in order.
/// </summary>
internal sealed class OpenPairs
{
    private readonly List<FlushId> _manifests = [];
    private readonly HashSet<FlushId> _known = [];
    private readonly HashSet<ushort> _missing = [];
    private readonly Dictionary<RecoveredPair, (int First, FlushVector Last)> _pairs = [];
    private readonly Dictionary<OpenSpan, (int First, long FromNs)> _spans = [];

    // Manifests retired before the list's first: indexes count on.
    private int _retired;

    /// <summary>Uncovered pairs.</summary>
    public IReadOnlyCollection<RecoveredPair> Pairs => _pairs.Keys;

    /// <summary>The same, with the last flushes that touched each.</summary>
    public Dictionary<RecoveredPair, FlushVector> ByPair => _pairs.ToDictionary(pair => pair.Key, pair => pair.Value.Last);

    /// <summary>
    /// Uncovered pairs of another granularity, each with the event time from which on it is. They are never expanded: a day may be a great
    /// many of the present buckets. No state proves such a bucket, so nobody but recovery has to know of it.
    /// </summary>
    public IEnumerable<(OpenSpan Span, long FromNs)> Spans => _spans.Select(span => (span.Key, span.Value.FromNs));

    /// <summary>Whether nothing is uncovered.</summary>
    public bool IsEmpty => _pairs.Count + _spans.Count == 0;

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
            foreach (var pair in section.Pairs) AddPair(series, section.RollupNs, pair, index, manifest.Id);
        }
    }

    /// <summary>A stored bar covers the pair in all manifests known now.</summary>
    public void Settle(RecoveredPair pair) => _pairs.Remove(pair);

    /// <summary>Stored bars cover a span up to an event time.</summary>
    public void Settle(OpenSpan span, long throughNs)
    {
        if (throughNs >= span.ToNs) _spans.Remove(span);
        else _spans[span] = (_spans[span].First, throughNs);
    }

    /// <summary>Whether manifests are settled and not taken yet.</summary>
    public bool HasSettled => Boundary > _retired;

    /// <summary>Per epoch, the flush below which manifests are settled; they are forgotten here.</summary>
    public IReadOnlyList<FlushId> TakeSettled()
    {
        var boundary = Boundary;
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

    // The first that a pair is open in.
    private int Boundary
    {
        get
        {
            var boundary = _retired + _manifests.Count;
            foreach (var (first, _) in _pairs.Values) boundary = Math.Min(boundary, first);
            foreach (var (first, _) in _spans.Values) boundary = Math.Min(boundary, first);
            return boundary;
        }
    }

    // Written under another granularity, a pair stands for the present buckets that overlap it.
    private void AddPair(Series series, long rollupNs, BucketRef pair, int index, FlushId flush)
    {
        var (start, end) = (series.Model.BucketOf(pair.BucketStart), pair.BucketStart + rollupNs);
        if (end <= series.Model.EndOf(start))
        {
            var open = new RecoveredPair(series.Id, pair.KeyId, start);
            var (first, last) = _pairs.GetValueOrDefault(open, (index, default));
            _pairs[open] = (first, last.With(flush));
            return;
        }

        // Nothing was stored from there on before the granularity changed.
        if (series.ProvenFrom > start) end = Math.Min(end, series.ProvenFrom);

        // What is covered so far says nothing of a flush that is new here.
        var span = new OpenSpan(series.Id, pair.KeyId, start, end);
        _spans[span] = (_spans.TryGetValue(span, out var known) ? known.First : index, start);
    }
}

/// <summary>A pair whose bucket overlaps several of the series' present granularity.</summary>
/// <param name="SeriesId">The series.</param>
/// <param name="KeyId">The key.</param>
/// <param name="FromNs">Start of the first present bucket that it overlaps, Unix nanoseconds.</param>
/// <param name="ToNs">End of its own bucket.</param>
internal readonly record struct OpenSpan(ushort SeriesId, uint KeyId, long FromNs, long ToNs);
