using System.Text;

namespace Tikr.Benchmarks.Micro;

/// <summary>What a plain reader does with a tick's dimensions: a string per value, joined to a name.</summary>
internal static class RawDimensions
{
    /// <summary>The values of protobuf map entries (tag, length, key, value; all shorter than 128 bytes), joined.</summary>
    public static string NameOf(ReadOnlySpan<byte> entries)
    {
        var values = new List<string>(3);
        while (entries.Length > 0)
        {
            var entry = entries.Slice(2, entries[1]);
            var value = entry[(2 + entry[1])..];
            values.Add(Encoding.UTF8.GetString(value.Slice(2, value[1])));
            entries = entries[(2 + entry.Length)..];
        }

        return string.Join('|', values);
    }
}
