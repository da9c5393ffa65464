using System.Buffers.Binary;
using System.Security.Cryptography;
using Tikr.Gateway.Ingest.Lanes;
using Tikr.Storage;

namespace Tikr.Tests.Gateway.Ingest;

/// <summary>
/// What a flush puts into the store, as a digest: blocks, their places and the manifest. A change here is a change of what is stored: data
/// of the version before must still be readable, and the changelog says so.
/// </summary>
public sealed class GoldenFlushTests
{
    private const int Messages = 12, TicksPerMessage = 1_500, Keys = 400;

    [Fact]
    public void The_same_ticks_are_stored_as_the_same_bytes()
    {
        var bench = new IngestBench();
        var group = new FlushGroup(bench.Lane);
        var source = new Source();
        for (var i = 0; i < Messages; i++) group.Add(bench.Message(source, Ticks(i)));
        group.Build(1);
        var commit = new FlushCommit { Id = new FlushId(1, 1) };
        var encoder = new FlushEncoder();
        encoder.Begin();
        encoder.Encode(group, commit);

        Assert.Equal("34692B45AF420687", DigestOf(commit));
    }

    // Few keys have many ticks and many keys a few; most come in order of time.
    private static Tick[] Ticks(int message)
    {
        var random = new Random(message);
        return [.. Enumerable.Range(0, TicksPerMessage).Select(i =>
        {
            var key = (int)(Keys * Math.Pow(random.NextDouble(), 3));
            var time = IngestBench.Start + ((long)((message * TicksPerMessage) + i) * 200_000) - random.Next(0, 300_000);
            return new Tick($"S{key}", time, (uint)i, Price: 100_000 + random.Next(-500, 500), Quantity: random.Next(1, 1_000));
        })];
    }

    private static string DigestOf(FlushCommit commit)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var block in commit.Blocks)
        {
            Add(block.SeriesId, (long)block.Kind, block.Group, block.MinTime, block.Ordinal, block.Ticks);
            hash.AppendData(commit.Bytes.WrittenSpan.Slice(block.Offset, block.Length));
        }

        foreach (var section in commit.Manifest)
        {
            Add(section.SeriesId, section.RollupNs, section.Pairs.Count);
            foreach (var pair in section.Pairs) Add(pair.KeyId, pair.BucketStart);
        }

        return Convert.ToHexString(hash.GetHashAndReset())[..16];

        void Add(params ReadOnlySpan<long> values)
        {
            Span<byte> bytes = stackalloc byte[8];
            foreach (var value in values)
            {
                BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
                hash.AppendData(bytes);
            }
        }
    }
}
