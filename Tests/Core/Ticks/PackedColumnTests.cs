using System.Numerics;
using CsCheck;
using Tikr.Core.Specs;
using Tikr.Core.Ticks;

namespace Tikr.Tests.Core.Ticks;

public sealed class PackedColumnTests
{
    private static readonly Gen<(long[] Values, FieldType Type)> Any =
        from n in Gen.Int[1, 256]
        from values in Blocks.Column(n)
        from isUnsigned in Gen.Bool
        select (values, new FieldType(isUnsigned));

    [Fact]
    public void Base_divisor_and_width_are_the_least_that_do() => Any.Sample(
        t =>
        {
            var column = Read(Write(t.Values, t.Type), t.Values.Length);
            var exact = t.Values.Select(value => t.Type.Unsigned ? (BigInteger)(ulong)value : value).ToList();
            var (min, range) = (exact.Min(), exact.Max() - exact.Min());
            if (range >> 63 > 0)
            {
                Assert.Equal((0L, 1UL, 64), (column.Base, column.Divisor, column.Width));
                return;
            }

            var divisor = exact.Aggregate(BigInteger.Zero, (gcd, value) => BigInteger.GreatestCommonDivisor(gcd, value - min));
            Assert.Equal(t.Values[exact.IndexOf(min)], column.Base);
            Assert.Equal(divisor.IsZero ? 1 : (ulong)divisor, column.Divisor);
            Assert.Equal(divisor.IsZero ? 0 : (int)(range / divisor).GetBitLength(), column.Width);
        },
        iter: 2000);

    [Fact]
    public void Any_part_reads_alone_even_without_bytes_behind_the_column() =>
        (from column in Any
         from start in Gen.Int[0, 255]
         from count in Gen.Int[0,
            256]
         from behind in Gen.Int[0, 12]
         select (column, start, count, behind)).Sample(
            t =>
            {
                var values = t.column.Values;
                byte[] bytes = [.. Write(values, t.column.Type), .. Enumerable.Repeat((byte)255, t.behind)];
                var column = Read(bytes, values.Length);
                var start = t.start % values.Length;
                var into = new long[Math.Min(t.count, values.Length - start)];
                column.CopyTo(start, into);
                Assert.Equal(values[start..(start + into.Length)], into);
                Assert.Equal(values[start], column[start]);
            },
            iter: 2000);

    // values, expected bytes
    [Theory]
    [InlineData(new long[] { 0, 0, 0 }, "0000")]
    [InlineData(new long[] { 5, 5 }, "001005")]
    [InlineData(new long[] { -1 }, "0010FF")]
    [InlineData(new long[] { 128, 128 }, "00200080")]
    [InlineData(new long[] { 0, 1, 1, 0, 1 }, "010068")]
    [InlineData(new long[] { 500, 300, 900, 300 }, "0221012CC84C")]
    [InlineData(new long[] { 7, 8, 9, 14 }, "0310070570")]
    [InlineData(new[] { long.MaxValue, -1 }, "40007FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF")]
    public void Columns_have_the_documented_bytes(long[] values, string hex) =>
        Assert.Equal(hex, Convert.ToHexString(Write(values, FieldType.Int64)));

    [Fact]
    public void Reading_outside_the_column_is_refused()
    {
        var bytes = Write([1, 2, 3], FieldType.Int64);
        Assert.Throws<ArgumentOutOfRangeException>(() => Read(bytes, 3)[3]);
        Assert.Throws<ArgumentOutOfRangeException>(() => Read(bytes, 3)[-1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => Read(bytes, 3).CopyTo(2, new long[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Read(bytes, 3).CopyTo(-1, new long[1]));
        Assert.Throws<TickBlockException>(() => Read(bytes, 100).Count);
        Assert.Throws<ArgumentException>(() => ColumnPacker.Write([1, 2], FieldType.Int64, new byte[10]));
        Assert.Throws<ArgumentException>(() => Write([], FieldType.Int64));
    }

    private static byte[] Write(long[] values, FieldType type)
    {
        var bytes = new byte[ColumnPacker.MaxBytes(Math.Max(values.Length, 1))];
        return bytes[..ColumnPacker.Write(values, type, bytes)];
    }

    private static PackedColumn Read(byte[] bytes, int count) => PackedColumn.Read(bytes, count, out _);
}
