using System.Text;

namespace Tikr.Tests.Core.Wire;

/// <summary>Makes up requests and writes them in whatever legal encoding comes to mind.</summary>
internal sealed class RandomRequests(Random random)
{
    private static readonly string[] Dimensions = ["symbol", "venue", "symbol", "venue", "symbols", "", "日本"];
    private static readonly string[] Fields = ["price", "quantity", "price", "quantity", "trade", "a_field_with_a_long_name", "other", ""];
    private static readonly string[] Values =
        ["AAPL", "MSFT", "AA\0venue=Y", "", "é€😀", new string('x', 130), new string('y', 1025), "XNAS"];
    private static readonly long[] Numbers = [0, 1, 127, 128, -1, long.MinValue, long.MaxValue, 1 << 28, 123_456_789_012];

    /// <summary>How often something unusual happens, from 0 to 1.</summary>
    private readonly double _oddity = random.Next(4) switch { 0 => 0, 1 => 0.02, 2 => 0.1, _ => 0.4 };

    public byte[] Next()
    {
        var message = new WireBytes();
        if (Odd()) message.Text(1, Odd() ? "market" : "no such series");
        var ticks = random.Next(Odd() ? 40 : 8);
        var seriesAt = Odd() ? random.Next(ticks + 1) : 0;
        for (var i = 0; i <= ticks; i++)
        {
            if (i == seriesAt) message.Text(1, random.Next(50) == 0 ? "elsewhere" : "market");
            if (Odd()) Unknown(message, 0);
            if (i < ticks) Block(message, 2, Tick());
        }

        if (Odd()) message.Text(1, "market");
        return message.ToArray();
    }

    private byte[] Tick()
    {
        List<Action<WireBytes>> parts = [];
        parts.Add(part => part.Number(1, Timestamp(), Length()));
        foreach (var name in Odd() ? Pick(Dimensions, 4) : ["symbol", "venue"]) parts.Add(part => Block(part, 2, TextEntry(name)));
        foreach (var name in Odd() ? Pick(Fields, 5) : ["price", "quantity"]) parts.Add(part => Block(part, 3, NumberEntry(name)));
        if (random.Next(2) == 0) parts.Add(part => part.Number(4, Odd() ? (ulong)random.NextInt64() : (ulong)random.Next(300), Length()));
        while (Odd()) parts.Add(part => Unknown(part, 1));
        if (Odd()) parts.Add(parts[random.Next(parts.Count)]);
        if (Odd()) parts.RemoveAt(random.Next(parts.Count));
        var order = parts.ToArray();
        if (Odd() || random.Next(4) == 0) random.Shuffle(order);
        var tick = new WireBytes();
        foreach (var write in order) write(tick);
        return tick.ToArray();
    }

    private byte[] TextEntry(string name)
    {
        var value = Odd() ? Values[random.Next(Values.Length)] : Values[random.Next(3)];
        return Entry(entry => entry.Text(1, name),
            entry => entry.Block(2, Odd() && Odd() ? [0xc3, 0x28] : Encoding.UTF8.GetBytes(value), Length()));
    }

    private byte[] NumberEntry(string name)
    {
        var value = Odd() ? Numbers[random.Next(Numbers.Length)] : random.NextInt64(1L << random.Next(40));
        return Entry(entry => entry.Text(1, name), entry => entry.Number(2, (ulong)value, Length()));
    }

    private byte[] Entry(params Action<WireBytes>[] parts)
    {
        var order = parts.ToList();
        if (Odd()) order.Reverse();
        if (Odd() && Odd()) order.RemoveAt(random.Next(order.Count));
        if (Odd() && order.Count > 0) order.Add(order[random.Next(order.Count)]);
        if (Odd()) order.Insert(random.Next(order.Count + 1), part => Unknown(part, 2));
        var entry = new WireBytes();
        foreach (var write in order) write(entry);
        return entry.ToArray();
    }

    private ulong Timestamp() => Odd() ? random.Next(5) switch
    {
        0 => 0,
        1 => ulong.MaxValue,
        2 => (ulong)long.MaxValue + 1,
        3 => (ulong)(Feed.Now + 3_600_000_000_000),
        _ => (ulong)(Feed.Now - 7_200_000_000_000),
    } : (ulong)(Feed.Now - random.NextInt64(1_000_000_000));

    private void Block(WireBytes bytes, int field, byte[] content) =>
        bytes.Tag(field, 2, Length()).Varint((ulong)content.Length, Length()).Raw(content);

    private void Unknown(WireBytes bytes, int depth)
    {
        // A known number with another wire type is unknown as well.
        var field = random.Next(3) == 0 ? random.Next(1, 5) : random.Next(5, 3000);
        switch (random.Next(5))
        {
            case 0 when field > 4: bytes.Number(field, (ulong)random.NextInt64(), Length()); break;
            case 1: bytes.Tag(field, 1).Raw(new byte[8]); break;
            case 2 when field > 4: bytes.Block(field, new byte[random.Next(200)]); break;
            case 3 when depth < 6:
                bytes.Tag(field, 3);
                while (random.Next(3) == 0) Unknown(bytes, depth + 1);
                bytes.Tag(field, 4);
                break;
            default: bytes.Tag(field, 5).Raw(new byte[4]); break;
        }
    }

    private int Length() => Odd() ? random.Next(1, 11) : 1;

    private string[] Pick(string[] from, int most) =>
        [.. Enumerable.Range(0, random.Next(most + 1)).Select(_ => from[random.Next(from.Length)])];

    private bool Odd() => random.NextDouble() < _oddity;
}
