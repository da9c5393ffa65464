using Tikr.Core.Specs;

namespace Tikr.Benchmarks.Micro;

/// <summary>The plain alternative to folding runs: every metric looks at every tick, and decides by its word what to do.</summary>
internal sealed class TickByTickBar(SeriesSpec spec)
{
    private readonly Int128[] _values = new Int128[spec.Metrics.Length];
    private (long Time, uint Sequence) _first, _last;
    private long _count;

    public void Add(long time, uint sequence, long price, long quantity)
    {
        var at = (time, sequence);
        var isFirst = _count == 0 || at.CompareTo(_first) < 0;
        var isLast = _count == 0 || at.CompareTo(_last) >= 0;
        for (var i = 0; i < _values.Length; i++)
        {
            var value = spec.Metrics[i].Field == "price" ? price : quantity;
            switch (spec.Metrics[i].Aggregation)
            {
                case "first" when isFirst: _values[i] = value; break;
                case "last" when isLast: _values[i] = value; break;
                case "max": _values[i] = _count == 0 ? value : Int128.Max(_values[i], value); break;
                case "min": _values[i] = _count == 0 ? value : Int128.Min(_values[i], value); break;
                case "sum": _values[i] += value; break;
                case "count": _values[i]++; break;
            }
        }

        if (isFirst) _first = at;
        if (isLast) _last = at;
        _count++;
    }
}
