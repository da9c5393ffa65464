namespace Tikr.LoadGenerator;

/// <summary>Symbols of four letters, one per key number, and back.</summary>
internal static class Symbols
{
    /// <summary>Most keys that four letters can name.</summary>
    public const int Most = 26 * 26 * 26 * 26;

    public static string NameOf(int key) => string.Create(4, key, static (text, key) =>
    {
        for (var i = 3; i >= 0; i--)
        {
            text[i] = (char)('A' + (key % 26));
            key /= 26;
        }
    });

    /// <summary>The key number of a symbol; -1 if it is not one of ours.</summary>
    public static int KeyOf(string symbol)
    {
        if (symbol.Length != 4) return -1;
        var key = 0;
        foreach (var letter in symbol)
        {
            if (letter is < 'A' or > 'Z') return -1;
            key = (key * 26) + (letter - 'A');
        }

        return key;
    }
}
