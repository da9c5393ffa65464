using CsCheck;
using Tikr.Core.Specs;

namespace Tikr.Tests.Core.Wire;

/// <summary>The wire reader beside the generated parser, on bytes that somebody might send.</summary>
public sealed class TickDecoderFuzz
{
    [Fact]
    public void Any_legal_encoding_decodes_as_the_generated_parser_decodes_it() =>
        Gen.Int.Sample(seed => Compare(new Random(seed), damage: false), iter: 6_000);

    [Fact]
    public void Damaged_bytes_are_refused_where_the_generated_parser_refuses_them_and_read_alike_where_not() =>
        Gen.Int.Sample(seed => Compare(new Random(seed), damage: true), iter: 12_000);

    [Fact]
    public void Random_bytes_never_harm()
    {
        Gen.Byte.Array[0, 200].Sample(bytes => WireComparison.Compare(new Feed(), bytes, new Random(1)), iter: 6_000);
    }

    private static void Compare(Random random, bool damage)
    {
        var market = Feed.Market();
        var spec = market with
        {
            MissingField = (MissingFieldPolicy)random.Next(3),
            UnknownField = (UnknownFieldPolicy)random.Next(2),
            Late = (LatePolicy)random.Next(2),
            GraceNs = random.Next(2) * 200_000_000,
            Metrics = random.Next(3) > 0
                ? market.Metrics
                : market.Metrics.Add(new MetricSpec("long", "a_field_with_a_long_name", FieldType.Int64, "max")),
        };
        var feed = new Feed(spec);
        var requests = new RandomRequests(random);

        // Several messages, since what one leaves behind (keys, field order, pooled columns) is what the next one finds.
        for (var i = 0; i < 4; i++)
        {
            var bytes = requests.Next();
            if (damage) bytes = Damaged(bytes, random);
            WireComparison.Compare(feed, bytes, random);
        }
    }

    private static byte[] Damaged(byte[] bytes, Random random)
    {
        var damaged = bytes.ToList();
        for (var times = random.Next(1, 4); times > 0 && damaged.Count > 0; times--)
        {
            var at = random.Next(damaged.Count);
            switch (random.Next(6))
            {
                case 0: damaged[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: damaged[at] = (byte)random.Next(256); break;
                case 2: damaged.RemoveRange(at, damaged.Count - at); break;
                case 3: damaged.RemoveRange(at, Math.Min(random.Next(1, 20), damaged.Count - at)); break;
                case 4: damaged.Insert(at, (byte)random.Next(256)); break;
                default: damaged.InsertRange(at, damaged.GetRange(at, Math.Min(random.Next(1, 20), damaged.Count - at))); break;
            }
        }

        return [.. damaged];
    }
}
