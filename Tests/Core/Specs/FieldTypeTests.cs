using System.Globalization;
using System.Text;
using CsCheck;
using Tikr.Core.Specs;

namespace Tikr.Tests.Core.Specs;

/// <summary>What 64 stored bits stand for, by their type.</summary>
public sealed class FieldTypeTests
{
    private static readonly Gen<(FieldType Type, long[] Values)> Any =
        from isUnsigned in Gen.Bool
        from values in Gen.OneOf(Gen.Long, Gen.Long[-9, 9], Gen.OneOf(long.MinValue, long.MaxValue)).Array[1, 20]
        select (new FieldType(isUnsigned), values);

    [Theory]
    [InlineData(false, 0, 0L, "0")]
    [InlineData(false, 0, -1L, "-1")]
    [InlineData(false, 0, long.MinValue, "-9223372036854775808")]
    [InlineData(false, 0, long.MaxValue, "9223372036854775807")]
    [InlineData(true, 0, -1L, "18446744073709551615")]
    [InlineData(true, 0, long.MinValue, "9223372036854775808")]
    [InlineData(false, 2, 0L, "0.00")]
    [InlineData(false, 2, -5L, "-0.05")]
    [InlineData(false, 2, 12345L, "123.45")]
    [InlineData(false, 18, long.MinValue, "-9.223372036854775808")]
    [InlineData(true, 18, -1L, "18.446744073709551615")]
    public void A_value_is_written_as_exact_decimal_text(bool isUnsigned, int decimals, long bits, string text) =>
        Assert.Equal(text, TextOf(new FieldType(isUnsigned, decimals), bits));

    [Fact]
    public void Values_are_ordered_and_summed_as_the_numbers_they_stand_for() => Any.Sample(t =>
    {
        var (type, values) = t;
        var numbers = values.Select(value => Int128.Parse(TextOf(type, value), CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(numbers, values.Select(type.IntegerOf));
        Assert.Equal(numbers.Min(), type.IntegerOf(type.Min(values)));
        Assert.Equal(numbers.Max(), type.IntegerOf(type.Max(values)));
        Assert.Equal(numbers.Aggregate((sum, number) => sum + number), type.Sum(values));
        Assert.Equal(numbers[0] < numbers[^1], type.IsLess(values[0], values[^1]));
        Assert.Equal(numbers[0] < numbers[^1], (values[0] ^ type.OrderMask) < (values[^1] ^ type.OrderMask));
    });

    [Theory]
    [InlineData(false, "-9223372036854775809", "-9223372036854775808")]
    [InlineData(false, "9223372036854775808", "9223372036854775807")]
    [InlineData(true, "-1", "0")]
    [InlineData(true, "18446744073709551616", "18446744073709551615")]
    [InlineData(true, "9223372036854775808", "9223372036854775808")]
    public void A_number_outside_the_type_becomes_the_nearest_in_it(bool isUnsigned, string number, string nearest)
    {
        var type = new FieldType(isUnsigned);
        Assert.Equal(nearest, TextOf(type, type.Saturate(Int128.Parse(number, CultureInfo.InvariantCulture))));
    }

    private static string TextOf(FieldType type, long bits)
    {
        var text = new byte[FieldType.MaxTextLength];
        return Encoding.UTF8.GetString(text.AsSpan(0, type.Format(bits, text)));
    }
}
