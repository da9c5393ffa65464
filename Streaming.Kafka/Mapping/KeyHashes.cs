using System.Buffers.Binary;

namespace Tikr.Streaming.Kafka.Mapping;

/// <summary>
/// The hashes by which keys choose partitions, as the clients named in <see cref="Producing.KafkaPartitioner"/> compute them.
/// </summary>
internal static class KeyHashes
{
    /// <summary>The partition of a key by the Java clients' murmur2.</summary>
    public static int Murmur2(ReadOnlySpan<byte> key, int partitions)
    {
        const uint seed = 0x9747b28c;
        const uint multiplier = 0x5bd1e995;
        var hash = seed ^ (uint)key.Length;
        while (key.Length >= 4)
        {
            var word = BinaryPrimitives.ReadUInt32LittleEndian(key) * multiplier;
            word = (word ^ (word >> 24)) * multiplier;
            hash = (hash * multiplier) ^ word;
            key = key[4..];
        }

        if (key.Length > 2) hash ^= (uint)key[2] << 16;
        if (key.Length > 1) hash ^= (uint)key[1] << 8;
        if (key.Length > 0) hash = (hash ^ key[0]) * multiplier;
        hash = (hash ^ (hash >> 13)) * multiplier;
        return (int)((hash ^ (hash >> 15)) & 0x7fffffff) % partitions;
    }

    /// <summary>The partition of a key by Sarama's FNV-1a: the absolute value of the signed hash.</summary>
    public static int Fnv1a(ReadOnlySpan<byte> key, int partitions)
    {
        var hash = 2166136261;
        foreach (var one in key) hash = (hash ^ one) * 16777619;
        var signed = (int)hash;
        return (int)((uint)(signed < 0 ? -signed : signed) % (uint)partitions);
    }
}
