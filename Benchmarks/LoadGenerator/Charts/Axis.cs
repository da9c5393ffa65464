using System.Globalization;

namespace Tikr.LoadGenerator.Charts;

/// <summary>Numbers along one side: linear from zero, or logarithmic where they span more than a decade.</summary>
internal sealed class Axis
{
    private readonly double _from, _to;
    private readonly bool _logarithmic;

    /// <param name="values">What it must hold.</param>
    /// <param name="mayBeLogarithmic">Whether it may be logarithmic.</param>
    public Axis(IReadOnlyCollection<double> values, bool mayBeLogarithmic)
    {
        var (least, most) = (values.Min(), values.Max());
        _logarithmic = mayBeLogarithmic && least > 0 && most / least > 12;
        (_from, _to) = _logarithmic ? (Math.Log10(least), Math.Log10(most)) : (0, most > 0 ? most * 1.08 : 1);
        Marks = mayBeLogarithmic ? [.. values.Distinct().Order()] : Steps();
    }

    /// <summary>Values that get a mark.</summary>
    public IReadOnlyList<double> Marks { get; }

    /// <summary>Where a value lies, 0 to 1.</summary>
    public double PlaceOf(double value) => _to <= _from ? 0.5 : ((_logarithmic ? Math.Log10(value) : value) - _from) / (_to - _from);

    /// <summary>A value as it is written.</summary>
    public static string Text(double value) => value.ToString(value >= 1000 ? "#,0" : "0.##", CultureInfo.InvariantCulture);

    private double[] Steps()
    {
        var step = Math.Pow(10, Math.Floor(Math.Log10(_to)));
        if (_to / step < 2) step /= 5;
        else if (_to / step < 5) step /= 2;
        return [.. Enumerable.Range(0, (int)(_to / step) + 1).Select(i => i * step)];
    }
}
