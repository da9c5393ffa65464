using System.Text;
using Tikr.Core.Specs;
using Tikr.Tests.Core.Wire;

namespace Tikr.Tests.Fuzz;

/// <summary>
/// The wire reader decodes what the generated parser decodes, and refuses what it refuses. The first byte of an input chooses the policies
/// of the series; the others are the message.
/// </summary>
internal sealed class WireTarget : IFuzzTarget
{
    private const int SeedCount = 60;

    public IEnumerable<byte[]> Seeds => Enumerable.Range(1, SeedCount).Select(static seed =>
        (byte[])[(byte)(seed * 7), .. new RandomRequests(new Random(seed)).Next()]);

    public IReadOnlyList<byte[]> Tokens { get; } =
    [
        .. new[] { "market", "symbol", "venue", "price", "quantity", "trade", "a_field_with_a_long_name", "AAPL", "é€😀" }
            .Select(Encoding.UTF8.GetBytes),
        [0x0a], [0x12], [0x1a], [0x20], [0x08], [0x10], [0x2b], [0x2c], [0xc3, 0x28],
        [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
        .. new[] { Feed.Now, Feed.Now - 1_000_000_000 }.Select(time => new WireBytes().Number(1, (ulong)time).ToArray()),
        new WireBytes().Dimension("symbol", "AAPL").ToArray(), new WireBytes().Dimension("venue", "XNAS").ToArray(),
        new WireBytes().Field("price", -1).ToArray(), new WireBytes().Field("quantity", 7).ToArray(),
    ];

    public void Run(byte[] input)
    {
        if (input.Length == 0) return;
        var market = Feed.Market();
        var spec = market with
        {
            MissingField = (MissingFieldPolicy)((input[0] & 3) % 3),
            UnknownField = (UnknownFieldPolicy)(input[0] >> 2 & 1),
            Late = (LatePolicy)(input[0] >> 3 & 1),
            GraceNs = (input[0] >> 4 & 1) * 200_000_000,
            Metrics = (input[0] & 32) == 0
                ? market.Metrics : market.Metrics.Add(new MetricSpec("long", "a_field_with_a_long_name", FieldType.Int64, "max")),
        };
        var feed = new Feed(spec, capacity: 64);
        var message = input[1..];

        // Twice, since what a message leaves behind (keys, field order, pooled columns) is what the next one finds.
        for (var i = 0; i < 2; i++) WireComparison.Compare(feed, message, new Random(input.Length + i));
    }
}
