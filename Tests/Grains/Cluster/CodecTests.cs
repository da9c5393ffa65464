using System.Buffers;
using CsCheck;
using Tikr.Core.Delivery;
using Tikr.Grains.Cluster;
using Tikr.Storage;

namespace Tikr.Tests.Grains.Cluster;

public sealed class CodecTests
{
    private static readonly Gen<Partial> AnyPartial =
        from epoch in Gen.UInt
        from previous in Gen.ULong[0, 1UL << 40]
        from gap in Gen.ULong[1, 1_000]
        from span in Gen.ULong[0, 1_000]
        from times in Gen.Select(Gen.Long, Gen.Long)
        from state in Gen.Long.Array[0, 40]
        from flags in Gen.Int[0, 63]
        select new Partial
        {
            Epoch = epoch,
            FromFlush = previous + gap,
            ToFlush = previous + gap + span,
            PreviousFlush = previous,
            BucketStart = times.Item1,
            DueNs = times.Item2,
            State = (flags & 1) != 0 ? state : null,
            Close = (flags & 2) != 0,
            Final = (flags & 4) != 0,
            Early = (flags & 8) != 0,
            IsAgain = (flags & 16) != 0,
            Announces = (flags & 32) != 0,
        };

    [Fact]
    public void Partials_arrive_as_they_were_sent() =>
        Gen.Select(AnyPartial, Gen.UShort, Gen.UInt, Gen.Select(Gen.ULong, Gen.ULong)).Array[0, 20].Sample(sent =>
        {
            var bytes = new ArrayBufferWriter<byte>();
            foreach (var (partial, series, key, hash) in sent)
                PartialCodec.Write(bytes, series, key, new UInt128(hash.Item1, hash.Item2), partial);
            var reader = new PartialCodec.Reader(bytes.WrittenSpan);
            foreach (var (partial, series, key, hash) in sent)
            {
                Assert.True(reader.Next());
                Assert.Equal((series, key, new UInt128(hash.Item1, hash.Item2)), (reader.SeriesId, reader.KeyId, reader.Hash));
                Assert.Equivalent(partial, reader.Partial, strict: true);
            }

            Assert.False(reader.Next());
        });

    [Fact]
    public void Message_that_is_cut_off_anywhere_is_an_error_and_claims_no_memory()
    {
        var bytes = new ArrayBufferWriter<byte>();
        PartialCodec.Write(bytes, 1, 2, 3, new Partial { Epoch = 1, FromFlush = 1, ToFlush = 2, State = [1, 2, 3] });
        for (var length = 1; length < bytes.WrittenCount; length++)
            Assert.ThrowsAny<Exception>(() => new PartialCodec.Reader(bytes.WrittenSpan[..length]).Next());

        byte[] claim = [.. bytes.WrittenSpan[..^4], 0xff, 0xff, 0xff, 0xff, 0x07];
        Assert.Throws<InvalidDataException>(() => new PartialCodec.Reader(claim).Next());
    }

    [Fact]
    public void Coverage_arrives_as_it_was_sent()
    {
        CoverageEntry[] sent = [new(1, 2, 3, 4, 5), new(uint.MaxValue, ushort.MaxValue, uint.MaxValue, long.MinValue, ulong.MaxValue)];
        var bytes = new ArrayBufferWriter<byte>();
        foreach (var entry in sent) CoverageCodec.Write(bytes, entry);
        var left = new ByteReader(bytes.WrittenSpan);
        foreach (var entry in sent)
        {
            Assert.True(CoverageCodec.TryRead(ref left, out var read));
            Assert.Equal(entry, read);
        }

        Assert.False(CoverageCodec.TryRead(ref left, out _));
    }

    [Fact]
    public void Clock_of_another_silo_is_told_by_its_fastest_message_of_late()
    {
        var offset = new ClockOffset();
        const long second = 1_000_000_000;
        Assert.Equal(1_005, offset.Note(sentNs: 0, arrivedNs: 1_005));
        Assert.Equal(1_001, offset.Note(sentNs: second, arrivedNs: second + 1_001));
        Assert.Equal(1_001, offset.Note(sentNs: 2 * second, arrivedNs: (2 * second) + 1_900));

        // It has drifted: after a while the old reading counts no more.
        Assert.Equal(1_001, offset.Note(sentNs: 20 * second, arrivedNs: (20 * second) + 1_500));
        Assert.Equal(1_500, offset.Note(sentNs: 40 * second, arrivedNs: (40 * second) + 1_600));
    }
}
