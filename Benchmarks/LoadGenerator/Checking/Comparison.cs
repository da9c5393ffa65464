using Tikr.Contracts;

namespace Tikr.LoadGenerator.Checking;

/// <summary>One pass over the bars of a server.</summary>
internal sealed class Comparison(Shape shape, KeyNames names, ExpectedRun expected)
{
    private const int MostSamples = 10;

    private readonly Dictionary<long, bool[]> _seen = expected.Buckets.ToDictionary(
        bucket => bucket.Start, bucket => new bool[bucket.Keys.Length]);
    private readonly List<string> _samples = [];
    private long _exact, _wrong, _unexpected, _revised;

    /// <summary>Any bar seen so far.</summary>
    public bool Any => _exact + _wrong + _unexpected > 0;

    public Verification Result => new(_exact, _wrong, expected.Bars - _exact - _wrong, _unexpected, _revised, _samples);

    public void Add(BarData bar)
    {
        var bars = expected.Find((long)bar.BucketTs);
        var at = bars?.IndexOf(names.NumberOf(bar.Dimensions)) ?? -1;
        if (at < 0 || _seen[bars!.Start][at])
        {
            _unexpected++;
            Note($"unexpected {bar}");
            return;
        }

        _seen[bars.Start][at] = true;
        if (bar.Revision > 0) _revised++;
        if (IsExact(bar, bars, at))
        {
            _exact++;
            return;
        }

        _wrong++;
        Note($"got {bar} expected {Describe(bars, at)}");
    }

    private bool IsExact(BarData bar, BucketBars bars, int at)
    {
        ref readonly var head = ref bars.Heads[at];
        if (bar.Metrics.Count != shape.Metrics.Length || bar.TickCount != (ulong)head.Count) return false;
        if (bar.FirstTimestamp != bar.BucketTs + head.First || bar.LastTimestamp != bar.BucketTs + head.Last) return false;
        var values = bars.ValuesOf(at);
        var next = 0;
        foreach (ref readonly var metric in shape.Metrics.AsSpan())
        {
            var value = metric.Fold == Fold.Count ? head.Count : values[next++];
            if (!bar.Metrics.TryGetValue(metric.Name, out var got) || got != value) return false;
        }

        return true;
    }

    private string Describe(BucketBars bars, int at)
    {
        var head = bars.Heads[at];
        var values = string.Join(' ', shape.Folded.Zip(bars.ValuesOf(at).ToArray(), (metric, value) => $"{metric.Name} {value}"));
        return $"{values} count {head.Count} first +{head.First} last +{head.Last} ns";
    }

    private void Note(string text)
    {
        if (_samples.Count < MostSamples) _samples.Add(text);
    }
}
