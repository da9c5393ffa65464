using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Tikr.Core.Specs;

namespace Tikr.Core.Dimensions;

/// <summary>The values of a key's dimensions, in the order of the spec.</summary>
public sealed class DimensionSet : IEquatable<DimensionSet>
{
    /// <summary>Makes a set.</summary>
    /// <param name="spec">The series.</param>
    /// <param name="values">One value per dimension of the spec, in its order.</param>
    public DimensionSet(SeriesSpec spec, string[] values)
    {
        Spec = spec;
        Values = values;
        Hash = HashOf(spec, values);
    }

    /// <summary>The series' spec.</summary>
    public SeriesSpec Spec { get; }

    /// <summary>Values in the order of the spec.</summary>
    public string[] Values { get; }

    /// <summary>128-bit identity within the series.</summary>
    public UInt128 Hash { get; }

    /// <summary>
    /// XxHash128 over the pairs sorted by name (ordinal), each name and value preceded by its UTF-8 length as 4 bytes little-endian:
    /// lengths make it impossible for two different sets to yield the same input.
    /// </summary>
    public static UInt128 HashOf(SeriesSpec spec, string[] values)
    {
        var hash = new XxHash128();
        Span<byte> length = stackalloc byte[4];
        foreach (var i in Enumerable.Range(0, values.Length).OrderBy(i => spec.Dimensions[i].Name, StringComparer.Ordinal))
        {
            Append(spec.Dimensions[i].Name, length);
            Append(values[i], length);
        }

        return hash.GetCurrentHashAsUInt128();

        void Append(string text, Span<byte> length)
        {
            var utf8 = Encoding.UTF8.GetBytes(text);
            BinaryPrimitives.WriteInt32LittleEndian(length, utf8.Length);
            hash.Append(length);
            hash.Append(utf8);
        }
    }

    /// <inheritdoc/>
    public bool Equals(DimensionSet? other) => other is not null && Values.AsSpan().SequenceEqual(other.Values);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DimensionSet);

    /// <inheritdoc/>
    public override int GetHashCode() => Hash.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => string.Join(",", Values.Select((value, i) => $"{Spec.Dimensions[i].Name}={value}"));
}
