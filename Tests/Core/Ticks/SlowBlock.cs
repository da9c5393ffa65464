using System.Globalization;
using System.IO.Hashing;
using System.Numerics;
using System.Text;

namespace Tikr.Tests.Core.Ticks;

/// <summary>
/// Reads a block by the letter of docs/tick-blocks.md with strings of bits and big integers, sharing no code with the codec.
/// </summary>
internal sealed class SlowBlock
{
    private readonly byte[] bytes;
    private int position;

    private SlowBlock(byte[] bytes) => this.bytes = bytes;

    public List<(long Key, int Count, long FirstRank)> Keys { get; } = [];

    public List<BigInteger> Times { get; } = [];

    public List<BigInteger> Sequences { get; } = [];

    public List<(long Id, List<bool>? Present, List<BigInteger> Values)> Fields { get; } = [];

    public static SlowBlock Read(byte[] bytes, uint oneKey, Func<long, bool> isUnsigned)
    {
        var block = new SlowBlock(bytes);
        block.Read(oneKey, isUnsigned);
        return block;
    }

    private void Read(uint oneKey, Func<long, bool> isUnsigned)
    {
        Assert.Equal(1, bytes[position++]);
        var form = bytes[position++];
        var (shared, sparse) = ((form & 1) != 0, (form & 2) != 0);
        var n = (int)Varint();
        if (shared)
        {
            var k = (int)Varint();
            var (ids, counts, ranks) = (Column(k, false), Column(k, false), Column(k, false));
            for (var i = 0; i < k; i++) Keys.Add(((long)ids[i], (int)counts[i], (long)ranks[i]));
        }
        else
        {
            Keys.Add((oneKey, n, Varint()));
        }

        var f = Varint();
        Times.AddRange(Column(n, false));
        var residuals = TickColumn(n, shared, false);
        foreach (var key in Keys)
        {
            for (var i = 0; i < key.Count; i++) Sequences.Add(residuals[Sequences.Count] + i);
        }

        for (; f > 0; f--)
        {
            var id = Varint();
            var present = sparse ? Column(n, false).Select(p => p == 1).ToList() : null;
            Fields.Add((id, present, TickColumn(n, shared, isUnsigned(id))));
        }

        Assert.Equal(bytes.Length - 4, position);
        var checksum = bytes[^4..].Aggregate(0u, (sum, b) => (sum << 8) | b);
        Assert.Equal((uint)XxHash3.HashToUInt64(bytes.AsSpan(0, bytes.Length - 4)), checksum);
    }

    private long Varint()
    {
        long value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var b = bytes[position++];
            value |= (long)(b & 127) << shift;
            if (b < 128) return value;
        }
    }

    private List<BigInteger> TickColumn(int n, bool shared, bool isUnsigned)
    {
        if (!shared || bytes[position++] == 0) return Column(n, isUnsigned);
        var bases = Column(Keys.Count, isUnsigned);
        var above = Column(n, false);
        var values = new List<BigInteger>();
        for (var key = 0; key < Keys.Count; key++)
        {
            for (var i = 0; i < Keys[key].Count; i++) values.Add(bases[key] + above[values.Count]);
        }

        return values;
    }

    private List<BigInteger> Column(int n, bool isUnsigned)
    {
        int w = bytes[position++], lengths = bytes[position++];
        var least = Number(lengths >> 4, isUnsigned: false);
        var gcd = (lengths & 15) == 0 ? BigInteger.One : Number(lengths & 15, isUnsigned: true);
        if (isUnsigned && least < 0) least += BigInteger.One << 64;
        var text = new StringBuilder();
        var length = (n * w + 7) / 8;
        foreach (var b in bytes.AsSpan(position, length)) text.Append(Convert.ToString(b, 2).PadLeft(8, '0'));
        position += length;
        var bits = text.ToString();
        var values = new List<BigInteger>();
        for (var i = 0; i < n; i++)
        {
            var offset = w == 0 ? BigInteger.Zero
                : BigInteger.Parse(string.Concat("0", bits.AsSpan(i * w, w)), NumberStyles.BinaryNumber, CultureInfo.InvariantCulture);
            if (w == 64 && !isUnsigned && offset > long.MaxValue) offset -= BigInteger.One << 64;
            if (w < 64) Assert.True(gcd * offset <= long.MaxValue, "An offset must fit SQL's bigint.");
            values.Add(least + (gcd * offset));
        }

        Assert.DoesNotContain('1', bits[(n * w)..]);
        return values;
    }

    private BigInteger Number(int length, bool isUnsigned)
    {
        var number = new BigInteger(bytes.AsSpan(position, length), isUnsigned, isBigEndian: true);
        position += length;
        return number;
    }
}
