using System.Buffers.Binary;
using System.IO.Hashing;
using CsCheck;
using Tikr.Core.Ticks;

namespace Tikr.Tests.Core.Ticks;

public sealed class TickBlockDamageTests
{
    [Fact]
    public void Every_flipped_bit_is_noticed() => Blocks.Any.Sample(
        input =>
        {
            var block = input.Encode();
            for (var bit = 0; bit < Math.Min(block.Length * 8, 2000); bit++)
            {
                block[bit >> 3] ^= (byte)(1 << (bit & 7));
                AssertDamaged(input, block);
                block[bit >> 3] ^= (byte)(1 << (bit & 7));
            }
        },
        iter: 20);

    [Fact]
    public void Every_truncation_is_noticed() => Blocks.Any.Sample(
        input =>
        {
            var block = input.Encode();
            for (var length = 0; length < block.Length; length += 1 + (length / 64)) AssertDamaged(input, block[..length]);
            AssertDamaged(input, [.. block, 0]);
        },
        iter: 50);

    [Fact]
    public void Damage_under_a_valid_checksum_throws_nothing_else_and_stays_in_bounds() =>
        (from input in Blocks.Any
         from places in Gen.Int[0, 1 << 20].Array[1, 4]
         from bytes in Gen.OneOf(Gen.Byte, Gen.OneOf<byte>(0, 1, 64, 65, 127, 128, 255)).Array[4]
         from near in Gen.Bool
         from cut in Gen.Frequency((3, Gen.Const(0)), (1, Gen.Int[0, 1 << 20]))
         from window in Gen.Long.Array[2]
         select (input, places, bytes, near, cut, window)).Sample(
            t =>
            {
                var block = t.input.Encode();
                // Most of what a reader believes stands in the first bytes.
                for (var i = 0; i < t.places.Length; i++)
                    block[t.places[i] % (t.near ? Math.Min(block.Length, 40) : block.Length)] = t.bytes[i];
                block = Sealed(block[..(block.Length - (t.cut % block.Length))]);
                var (columns, runs) = (t.input.Model.NewColumns(), new List<KeyRun>());
                var reader = new TickBlockReader(t.input.Model, t.input.FieldIds);
                try
                {
                    reader.Read(block, 1, [], t.window[0], t.window[1], columns, runs);
                    Assert.InRange(columns.Count, 0, 256);
                    Assert.Equal(columns.Count, runs.Sum(run => run.Count));
                }
                catch (TickBlockException)
                {
                    Assert.Equal(0, columns.Count);
                    Assert.Empty(runs);
                }

                Assert.InRange(columns.Times.Length, 0, 512);
            },
            iter: 2000);

    [Fact]
    public void Random_bytes_under_a_valid_checksum_throw_nothing_else() => Gen.Byte.Array[0, 300].Sample(
        bytes =>
        {
            if (bytes.Length > 0) bytes[0] = 1;
            if (bytes.Length > 1) bytes[1] &= 3;
            var input = Blocks.OneKey((1, 1, 1));
            try
            {
                Blocks.Decode(input, Sealed([.. bytes, 0, 0, 0, 0]));
            }
            catch (TickBlockException)
            {
            }
        },
        iter: 2000);

    [Theory]
    [InlineData(0, 2, "has version 2; this program reads version 1")]
    [InlineData(1, 4, "its form 4 does not exist")]
    [InlineData(2, 0, "claims 0 ticks")]
    public void Messages_name_what_is_wrong(int place, byte value, string text)
    {
        var input = Blocks.OneKey((1, 1, 1));
        var block = input.Encode();
        block[place] = value;
        Assert.Contains(text, Assert.Throws<TickBlockException>(() => Blocks.Decode(input, Sealed(block))).Message,
            StringComparison.Ordinal);
        Assert.Contains("checksum", Assert.Throws<TickBlockException>(() => Blocks.Decode(
            input, [.. block[..^1], (byte)~block[^1]])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(long.MinValue, long.MaxValue)]
    [InlineData(1, 6)]
    [InlineData(5, 6)]
    [InlineData(7, 8)]
    public void Ticks_out_of_order_are_refused_whatever_time_is_asked_for(long from, long to)
    {
        var input = Blocks.OneKey((1, 0, 0), (5, 1, 0));
        var block = input.Encode();
        // The times are a bit each, above 1 in steps of 4.
        Assert.Equal([1, 0x11, 1, 4, 0b0100_0000], block[5..10]);
        block[9] = 0b1000_0000;
        var error = Assert.Throws<TickBlockException>(() => Blocks.Decode(input, Sealed(block), from: from, to: to));
        Assert.Contains($"the ticks of key {BlockInput.OneKey} are not in order of time", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_writer_refuses_what_a_reader_could_not_return()
    {
        var unsorted = Blocks.OneKey((2, 1, 1), (1, 2, 1));
        Assert.Contains("not sorted by time", Assert.Throws<ArgumentException>(unsorted.Encode).Message, StringComparison.Ordinal);
        var sorted = Blocks.OneKey((1, 1, 1), (2, 2, 1));
        Assert.Throws<ArgumentException>((sorted with { Shared = true, Runs = [new(5, 0, 1, 0), new(5, 0, 1, 1)] }).Encode);
        Assert.Throws<ArgumentException>((sorted with { Shared = true, Runs = [new(5, 0, 0, 0), new(6, 0, 1, 1)] }).Encode);
        Assert.Throws<ArgumentException>((sorted with { Runs = [new(5, 0, 2, uint.MaxValue)] }).Encode);
        Assert.Throws<ArgumentException>((sorted with { FieldIds = [] }).Encode);
        Assert.Throws<ArgumentOutOfRangeException>((sorted with { Runs = [new(5, 0, 257, 0)] }).Encode);
        Assert.Throws<ArgumentOutOfRangeException>((sorted with { Runs = [new(5, 0, 0, 0)] }).Encode);
    }

    private static void AssertDamaged(BlockInput input, byte[] block) =>
        Assert.Throws<TickBlockException>(() => Blocks.Decode(input, block));

    private static byte[] Sealed(byte[] block)
    {
        if (block.Length >= 4) BinaryPrimitives.WriteUInt32BigEndian(
            block.AsSpan(block.Length - 4), (uint)XxHash3.HashToUInt64(block.AsSpan(0, block.Length - 4)));
        return block;
    }
}
