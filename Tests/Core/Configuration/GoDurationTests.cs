using CsCheck;
using Tikr.Core.Configuration;

namespace Tikr.Tests.Core.Configuration;

public sealed class GoDurationTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("-0", 0)]
    [InlineData("+0", 0)]
    [InlineData("0s", 0)]
    [InlineData("1ns", 1)]
    [InlineData("1us", 1_000)]
    [InlineData("1\u00b5s", 1_000)]
    [InlineData("1\u03bcs", 1_000)]
    [InlineData("200ms", 200_000_000)]
    [InlineData("1s", 1_000_000_000)]
    [InlineData("1.5s", 1_500_000_000)]
    [InlineData("1.s", 1_000_000_000)]
    [InlineData(".5s", 500_000_000)]
    [InlineData("1m", 60_000_000_000)]
    [InlineData("1h30m", 5_400_000_000_000)]
    [InlineData("24h", 86_400_000_000_000)]
    [InlineData("-1h1.5s", -3_601_500_000_000)]
    [InlineData("+5m", 300_000_000_000)]
    [InlineData("3m1h", 3_780_000_000_000)]
    [InlineData("1s1s", 2_000_000_000)]
    [InlineData("0.9ns", 0)]
    [InlineData("0.3333333333333333333h", 1_200_000_000_000)]
    [InlineData("0.100000000000000000000h", 360_000_000_000)]
    [InlineData("9007199254740993ns", 9_007_199_254_740_993)]
    [InlineData("9007199254.740993ms", 9_007_199_254_740_993)]
    [InlineData("9223372036854775807ns", long.MaxValue)]
    [InlineData("-9223372036854775808ns", long.MinValue)]
    [InlineData("2562047h47m16.854775807s", long.MaxValue)]
    [InlineData("00000000000000000000000000001s", 1_000_000_000)]
    public void Reads_what_Go_reads(string text, long nanoseconds)
    {
        Assert.True(GoDuration.TryParse(text, out var value, out var problem), problem);
        Assert.Equal(nanoseconds, value);
    }

    [Theory]
    [InlineData("", "has no number")]
    [InlineData("-", "has no number")]
    [InlineData("3", "has a number without a unit")]
    [InlineData("00", "has a number without a unit")]
    [InlineData("1h30", "has a number without a unit")]
    [InlineData("s", "has a unit or a sign where a number belongs")]
    [InlineData(".", "has a unit or a sign where a number belongs")]
    [InlineData(".s", "has a unit or a sign where a number belongs")]
    [InlineData("--1s", "has a unit or a sign where a number belongs")]
    [InlineData("1d", "has the unknown unit 'd'")]
    [InlineData("1S", "has the unknown unit 'S'")]
    [InlineData("1 s", "has the unknown unit ' s'")]
    [InlineData("1s-1s", "has the unknown unit 's-'")]
    [InlineData("1e3s", "has the unknown unit 'e'")]
    [InlineData("1..5s", "has a number without a unit")]
    [InlineData("9223372036854775808ns", TooLong)]
    [InlineData("9223372036854775809ns", TooLong)]
    [InlineData("-9223372036854775809ns", TooLong)]
    [InlineData("2562048h", TooLong)]
    [InlineData("99999999999999999999999s", TooLong)]
    [InlineData("2562047h2562047h", TooLong)]
    [InlineData("2562047h2562047h2562047h2562047h2562047h2562047h2562047h2562047h2562047h", TooLong)]
    [InlineData("-9223372036854775808ns9223372036854775808ns", TooLong)]
    public void Says_what_is_wrong(string text, string expected)
    {
        Assert.False(GoDuration.TryParse(text, out _, out var problem));
        Assert.Equal(expected, problem);
    }

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(1, "1ns")]
    [InlineData(1_100, "1.1µs")]
    [InlineData(200_000_000, "200ms")]
    [InlineData(2_200_000, "2.2ms")]
    [InlineData(1_000_000_000, "1s")]
    [InlineData(-1_500_000_000, "-1.5s")]
    [InlineData(60_000_000_000, "1m0s")]
    [InlineData(5_400_000_000_000, "1h30m0s")]
    [InlineData(long.MaxValue, "2562047h47m16.854775807s")]
    [InlineData(long.MinValue, "-2562047h47m16.854775808s")]
    public void Writes_as_Go_writes(long nanoseconds, string text) => Assert.Equal(text, GoDuration.Format(nanoseconds));

    [Fact]
    public void What_is_written_reads_back_as_the_same_nanosecond()
    {
        var spread = from value in Gen.Long from shift in Gen.Int[0, 63] select value >> shift;
        spread.Sample(nanoseconds => GoDuration.TryParse(GoDuration.Format(nanoseconds), out var back, out _) && back == nanoseconds);
    }

    [Fact]
    public void No_text_throws() =>
        Gen.String["0123456789.+-hmsunµ "].Sample(text => GoDuration.TryParse(text, out _, out var problem) == problem is null);

    private const string TooLong = "is longer than a 64-bit count of nanoseconds (about 292 years)";
}
