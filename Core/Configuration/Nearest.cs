namespace Tikr.Core.Configuration;

/// <summary>Finds what somebody probably meant.</summary>
internal static class Nearest
{
    /// <summary>The candidate with the fewest edits from the word, if that is few enough to be a slip; null if none is.</summary>
    public static string? To(string word, IEnumerable<string> candidates)
    {
        var best = candidates.MinBy(candidate => Distance(word, candidate));
        return best is not null && Distance(word, best) <= Math.Max(1, Math.Min(word.Length, best.Length) / 3) ? best : null;
    }

    // Edit distance, letters compared without case and dashes as underscores, since those are the commonest slips.
    private static int Distance(string left, string right)
    {
        if (Math.Abs(left.Length - right.Length) > 8) return int.MaxValue;
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var replaced = diagonal + (Folded(left[i - 1]) == Folded(right[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[right.Length];
    }

    private static char Folded(char c) => c == '-' ? '_' : char.ToLowerInvariant(c);
}
