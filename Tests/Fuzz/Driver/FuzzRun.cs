using System.Diagnostics;

namespace Tikr.Tests.Fuzz.Driver;

/// <summary>
/// Changes inputs for a while and keeps those that take new branches, to change them further. Ends with the first input that breaks the
/// target, made as small as it goes.
/// </summary>
internal sealed class FuzzRun(Action<byte[]> target, Coverage coverage, RunningInput running, int seed)
{
    private const int MostShorter = 20_000;
    private readonly Random _random = new(seed);
    private readonly List<byte[]> _corpus = [];

    /// <summary>Inputs tried.</summary>
    public long Tried { get; private set; }

    /// <summary>Inputs that took new branches.</summary>
    public IReadOnlyList<byte[]> Corpus => _corpus;

    /// <summary>The input that broke the target, and how; null if none did.</summary>
    public (byte[] Input, Exception Error)? Run(IEnumerable<byte[]> seeds, IReadOnlyList<byte[]> tokens, TimeSpan time)
    {
        foreach (var input in seeds)
        {
            if (Try(input) is { } error) return Shortened(input, error);
        }

        var mutator = new Mutator(_random, tokens);
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < time;)
        {
            var input = mutator.Change(Pick(), Pick());
            if (Try(input) is { } error) return Shortened(input, error);
        }

        return null;
    }

    // New ones more often: what they reach has been tried least.
    private byte[] Pick() => _corpus.Count == 0 ? []
        : _random.Next(2) == 0 ? _corpus[_random.Next(_corpus.Count)] : _corpus[^(1 + _random.Next(Math.Min(_corpus.Count, 16)))];

    private Exception? Try(byte[] input)
    {
        Tried++;
        running.Note(input);
        coverage.Begin();
        var error = Break(input);
        if (coverage.IsNew()) _corpus.Add(input);
        return error;
    }

    private Exception? Break(byte[] input)
    {
        try
        {
            target(input);
            return null;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return error;
        }
    }

    // Shorter as long as it breaks in the same way.
    private (byte[] Input, Exception Error) Shortened(byte[] input, Exception error)
    {
        var left = MostShorter;
        for (var length = Math.Max(1, input.Length / 2); length > 0; length /= 2)
        {
            for (var at = 0; at + length <= input.Length && left > 0; left--)
            {
                byte[] shorter = [.. input[..at], .. input[(at + length)..]];
                if (Break(shorter) is { } same && same.GetType() == error.GetType()) (input, error) = (shorter, same);
                else at += length;
            }
        }

        return (input, error);
    }
}
