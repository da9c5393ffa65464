namespace Tikr.LoadGenerator.Shapes;

/// <summary>Symbols of four letters, one per key number.</summary>
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
}
