namespace Tikr.LoadGenerator.Sending;

/// <summary>Draws keys of a stream, by Zipf's law over all keys of the run or evenly.</summary>
internal sealed class KeySampler
{
    private readonly double[] _cumulative;

    /// <param name="keys">Key numbers of the stream; the number is the rank in Zipf's law.</param>
    /// <param name="zipf">Whether key number k is drawn in proportion to 1 / (k + 1).</param>
    public KeySampler(int[] keys, bool zipf)
    {
        _cumulative = new double[keys.Length];
        var sum = 0.0;
        for (var i = 0; i < keys.Length; i++)
        {
            sum += zipf ? 1.0 / (keys[i] + 1) : 1.0;
            _cumulative[i] = sum;
        }
    }

    /// <summary>Index of a key in the stream's keys.</summary>
    public int Draw(Random random)
    {
        var at = Array.BinarySearch(_cumulative, random.NextDouble() * _cumulative[^1]);
        return Math.Min(at < 0 ? ~at : at, _cumulative.Length - 1);
    }
}
