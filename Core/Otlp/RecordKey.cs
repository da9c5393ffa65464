using System.Text;
using Tikr.Core.Dimensions;

namespace Tikr.Core.Otlp;

/// <summary>
/// Key of a published record: <c>name=value|name=value</c>, sorted by name (ordinal), in UTF-8. Records of one dimension set have one key
/// and so one partition. So that different sets never share a key, <c>\</c> and <c>|</c> are preceded by <c>\</c> in names and values, and
/// <c>=</c> in names. A series without dimensions has the empty key.
/// </summary>
public static class RecordKey
{
    /// <summary>The key of a dimension set.</summary>
    public static byte[] Of(DimensionSet dimensions) => Encoding.UTF8.GetBytes(TextOf(Sorted(dimensions)));

    /// <summary>The key of dimensions by name, as text.</summary>
    public static string Of(IEnumerable<KeyValuePair<string, string>> dimensions) =>
        TextOf(dimensions.Select(pair => (pair.Key, pair.Value)).OrderBy(pair => pair.Key, StringComparer.Ordinal));

    /// <summary>The pairs of a set in the order of keys and attributes.</summary>
    internal static IEnumerable<(string Name, string Value)> Sorted(DimensionSet dimensions) =>
        dimensions.Spec.Dimensions.Select((dimension, i) => (dimension.Name, Value: dimensions.Values[i]))
            .OrderBy(pair => pair.Name, StringComparer.Ordinal);

    private static string TextOf(IEnumerable<(string Name, string Value)> sorted)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in sorted)
        {
            if (text.Length > 0) text.Append('|');
            Append(text, name, "\\|=");
            text.Append('=');
            Append(text, value, "\\|");
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, string part, string escaped)
    {
        foreach (var c in part)
        {
            if (escaped.Contains(c, StringComparison.Ordinal)) text.Append('\\');
            text.Append(c);
        }
    }
}
