using CsCheck;
using Tikr.Storage;

namespace Tikr.Tests.Storage;

public sealed class FlushVectorTests
{
    private static readonly Gen<FlushId[]> Flushes =
        Gen.Select(Gen.UInt[1, 6], Gen.ULong[1, 9], (epoch, flush) => new FlushId(epoch, flush)).Array[0, 12];

    [Fact]
    public void The_greatest_flush_of_each_epoch_is_kept_by_epoch_in_whatever_order_they_come() => Flushes.Sample(flushes =>
    {
        var expected = flushes.GroupBy(flush => flush.Epoch).OrderBy(epoch => epoch.Key)
            .Select(epoch => new FlushId(epoch.Key, epoch.Max(flush => flush.Flush)));
        FlushVector vector = [.. flushes];
        Assert.Equal(expected, vector);
        Assert.All(vector, flush => Assert.Equal(flush.Flush, vector.Of(flush.Epoch)));
        Assert.Equal(0UL, vector.Of(7));
    });

    [Fact]
    public void Two_joined_are_what_all_their_flushes_make_and_neither_changes() => Gen.Select(Flushes, Flushes).Sample((left, right) =>
    {
        FlushVector a = [.. left], b = [.. right];
        Assert.Equal([.. left, .. right], a.With(b));
        Assert.Equal([.. left], a);
        Assert.Equal([.. right], b);
        Assert.True(a.With(b).Includes(a) && a.With(b).Includes(b));
        Assert.Equal(a == a.With(b), a.Includes(b));
        Assert.Equal(a.With(b).GetHashCode(), b.With(a).GetHashCode());
    });

    [Fact]
    public void Epoch_0_is_no_flush()
    {
        Assert.Empty(default(FlushVector).With(new FlushId(0, 5)));
        Assert.Empty(FlushVector.Of([new FlushId(0, 5)]));
    }
}
