using System.Net;
using Tikr.Grains.Cluster;

namespace Tikr.Tests.Grains.Cluster;

public sealed class DivisionTests
{
    private const int Keys = 10_000;

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void Keys_are_spread_evenly(int silos)
    {
        var division = Of(silos);
        var shares = Hashes().GroupBy(division.OwnerOf).Select(owner => owner.Count()).ToArray();
        Assert.Equal(silos, shares.Length);
        Assert.All(shares, share => Assert.InRange(share, 0.9 * Keys / silos, 1.1 * Keys / silos));
    }

    [Fact]
    public void Silo_that_joins_takes_its_share_of_keys_and_no_other_key_moves()
    {
        var (before, after) = (Of(3), Of(4));
        var joined = after.Members.Single(member => !before.Members.Contains(member, ByPlace.Instance));
        var moved = Hashes()
            .Where(hash => before.Members[before.OwnerOf(hash)].Place != after.Members[after.OwnerOf(hash)].Place).ToArray();
        Assert.All(moved, hash => Assert.Equal(joined.Place, after.Members[after.OwnerOf(hash)].Place));
        Assert.InRange(moved.Length, 0.2 * Keys, 0.3 * Keys);
    }

    [Fact]
    public void Silo_that_is_started_again_gets_its_keys_again_in_a_division_of_its_own()
    {
        var (before, after) = (Of(3), Of(3, generation: 2));
        Assert.NotEqual(before.Fingerprint, after.Fingerprint);
        Assert.All(Hashes(), hash => Assert.Equal(before.OwnerOf(hash), after.OwnerOf(hash)));
    }

    [Fact]
    public void Every_silo_sees_the_same_division_in_whatever_order_it_learns_of_the_others()
    {
        var members = Of(3).Members;
        var other = new Division(9, members.Reverse(), members[1].Silo);
        Assert.Equal(Of(3).Fingerprint, other.Fingerprint);
        Assert.All(Hashes(), hash => Assert.Equal(Of(3).OwnerOf(hash), other.OwnerOf(hash)));
        Assert.All(Hashes(), hash => Assert.Equal(other.OwnerOf(hash) == 1, other.IsMine(hash)));
    }

    private static Division Of(int silos, int generation = 1)
    {
        Member[] members = [.. Enumerable.Range(1, silos).Select(i => new Member(Silo(i, generation), [(uint)i]))];
        return new Division(1, members, members[0].Silo);
    }

    private static SiloAddress Silo(int i, int generation) =>
        SiloAddress.New(new IPEndPoint(IPAddress.Parse($"10.0.0.{i}"), 11_111), generation);

    private static IEnumerable<UInt128> Hashes()
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, Keys).Select(_ => new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64()))];
    }

    private sealed class ByPlace : IEqualityComparer<Member>
    {
        public static ByPlace Instance { get; } = new();

        public bool Equals(Member? x, Member? y) => x?.Place == y?.Place;

        public int GetHashCode(Member obj) => obj.Place.GetHashCode(StringComparison.Ordinal);
    }
}
