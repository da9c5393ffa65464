namespace Tikr.LoadGenerator.Measuring;

/// <summary>Durations in milliseconds and their quantiles.</summary>
internal sealed class Latencies
{
    private readonly List<double> _milliseconds = [];

    public void Add(double milliseconds)
    {
        lock (_milliseconds) _milliseconds.Add(milliseconds);
    }

    /// <summary>The durations so far, ascending; begins anew.</summary>
    public double[] Take()
    {
        lock (_milliseconds)
        {
            double[] sorted = [.. _milliseconds.Order()];
            _milliseconds.Clear();
            return sorted;
        }
    }

    /// <summary>A quantile of ascending durations; NaN of none.</summary>
    public static double Quantile(double[] sorted, double quantile) =>
        sorted.Length == 0 ? double.NaN : sorted[Math.Min(sorted.Length - 1, (int)(quantile * sorted.Length))];
}
