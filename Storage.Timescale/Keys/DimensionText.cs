using System.Buffers;
using System.Text;

namespace Tikr.Storage.Timescale.Keys;

/// <summary>
/// Dimension values as PostgreSQL can have them: its text holds no zero byte, so U+0000 is written U+0001 U+0001 and U+0001 is written
/// U+0001 U+0002, which keeps the order of values.
/// </summary>
internal static class DimensionText
{
    /// <summary>
    /// Most bytes of a sort key: what an index can hold, with room to spare. Keys that agree in them are told apart by their values.
    /// </summary>
    public const int SortBytes = 512;

    public static string Escape(string value) => value.AsSpan().ContainsAny('\0', '\u0001')
        ? value.Replace("\u0001", "\u0001\u0002", StringComparison.Ordinal).Replace("\0", "\u0001\u0001", StringComparison.Ordinal)
        : value;

    public static string Unescape(string text)
    {
        if (!text.Contains('\u0001', StringComparison.Ordinal)) return text;
        var value = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\u0001') value.Append(text[i]);
            else value.Append(text[++i] == '\u0001' ? '\0' : '\u0001');
        }

        return value.ToString();
    }

    /// <summary>
    /// Beginning of the values one after the other, in an order that is their ordinal UTF-8 order: each value ends in a zero byte, less
    /// than anything an escaped value goes on with.
    /// </summary>
    public static byte[] SortKey(IEnumerable<string> values)
    {
        var key = new ArrayBufferWriter<byte>(64);
        foreach (var value in values)
        {
            Encoding.UTF8.GetBytes(Escape(value), key);
            key.Write([(byte)0]);
        }

        var bytes = key.WrittenSpan;
        return bytes[..Math.Min(bytes.Length, SortBytes)].ToArray();
    }
}
