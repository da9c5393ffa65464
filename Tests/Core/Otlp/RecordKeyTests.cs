using System.Collections.Immutable;
using System.Text;
using CsCheck;
using Tikr.Core.Dimensions;
using Tikr.Core.Otlp;
using Tikr.Core.Specs;

namespace Tikr.Tests.Core.Otlp;

public sealed class RecordKeyTests
{
    [Theory]
    [InlineData("symbol=AAPL", "symbol", "AAPL")]
    [InlineData("a=1|b=2|c=3", "b,a,c", "2,1,3")]
    [InlineData("a=|b=", "a,b", ",")]
    [InlineData("a=x=y", "a", "x=y")]
    [InlineData(@"a=x\|b\\=y", "a", @"x|b\=y")]
    [InlineData(@"a\==\\\|", "a=", @"\|")]
    [InlineData("", "", "")]
    public void A_key_is_the_sorted_pairs(string key, string names, string values)
    {
        Assert.Equal(key, KeyOf(names.Length == 0 ? [] : names.Split(','), names.Length == 0 ? [] : values.Split(',')));
    }

    [Fact]
    public void Different_sets_have_different_keys()
    {
        var text = Gen.String[Gen.OneOf('a', '|', '=', '\\'), 0, 3];
        var pairs = Gen.Select(text, text).Array[1, 3];
        Gen.Select(pairs, pairs).Sample(
            (one, other) =>
            {
                (one, other) = ([.. one.DistinctBy(pair => pair.Item1)], [.. other.DistinctBy(pair => pair.Item1)]);
                var same = one.ToHashSet().SetEquals(other);
                Assert.Equal(same, Of(one) == Of(other));
            },
            iter: 20_000);

        static string Of((string Name, string Value)[] pairs) =>
            KeyOf([.. pairs.Select(pair => pair.Name)], [.. pairs.Select(pair => pair.Value)]);
    }

    private static string KeyOf(string[] names, string[] values)
    {
        var spec = OtlpSeries.Market with { Dimensions = [.. names.Select(name => new DimensionSpec(name)).ToImmutableArray()] };
        return Encoding.UTF8.GetString(RecordKey.Of(new DimensionSet(spec, values)));
    }
}
