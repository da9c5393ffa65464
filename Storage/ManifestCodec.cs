using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Tikr.Storage;

/// <summary>
/// Values of manifests: the least bucket start (8 bytes, for eviction), then the sections with their pairs as differences.
/// </summary>
public static class ManifestCodec
{
    /// <summary>Writes the sections of a flush.</summary>
    /// <returns>The least bucket start; <see cref="long.MaxValue"/> without pairs.</returns>
    public static long Write(ArrayBufferWriter<byte> to, List<ManifestSection> sections)
    {
        var least = long.MaxValue;
        to.GetSpan(8);
        to.Advance(8);
        to.WriteVarint((ulong)sections.Count);
        foreach (var section in sections)
        {
            to.WriteVarint(section.SeriesId);
            to.WriteVarint((ulong)section.RollupNs);
            to.WriteVarint((ulong)section.Pairs.Count);
            long key = 0, bucket = 0;
            foreach (var pair in CollectionsMarshal.AsSpan(section.Pairs))
            {
                var index = pair.BucketStart / section.RollupNs;
                to.WriteSigned(pair.KeyId - key);
                to.WriteSigned(index - bucket);
                (key, bucket) = (pair.KeyId, index);
                least = Math.Min(least, pair.BucketStart);
            }
        }

        BinaryPrimitives.WriteInt64BigEndian(MemoryMarshal.AsMemory(to.WrittenMemory).Span, least);
        return least;
    }

    /// <summary>Reads a flush's manifest.</summary>
    public static Manifest Read(FlushId id, ReadOnlySpan<byte> value)
    {
        var reader = new ByteReader(value[8..]);
        var sections = new ManifestSection[(int)reader.ReadVarint()];
        for (var i = 0; i < sections.Length; i++)
        {
            var seriesId = (ushort)reader.ReadVarint();
            var rollup = (long)reader.ReadVarint();
            var count = (int)reader.ReadVarint();
            var pairs = new List<BucketRef>(count);
            long key = 0, bucket = 0;
            for (; count > 0; count--)
            {
                key += reader.ReadSigned();
                bucket += reader.ReadSigned();
                pairs.Add(new BucketRef((uint)key, bucket * rollup));
            }

            sections[i] = new ManifestSection(seriesId, rollup, pairs);
        }

        return new Manifest(id, sections);
    }
}
