using System.IO.Hashing;
using System.Text;

namespace Tikr.Grains.Cluster;

/// <summary>
/// Which silo owns which keys: an immutable division of all keys among the silos of a moment, by rendezvous hashing. Each key goes to the
/// silo for which the mix of the key's hash and the silo's name is greatest, so that a silo that comes or goes moves its own share of the
/// keys only. (Thaler and Ravishankar, "Using name-based mappings to increase hit rates", 1998.)
/// </summary>
internal sealed class Division
{
    private readonly ulong[] _seeds;
    private readonly int _self;

    /// <summary>Makes a division.</summary>
    /// <param name="number">Its number in this process; rises with each.</param>
    /// <param name="members">The silos, in any order.</param>
    /// <param name="self">This process' own silo, one of them or not yet.</param>
    public Division(int number, IEnumerable<Member> members, SiloAddress self)
    {
        Number = number;
        Members = [.. members.OrderBy(member => member.Place, StringComparer.Ordinal)];
        _seeds = [.. Members.Select(member => XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(member.Place)))];
        _self = Array.FindIndex(Members, member => member.Silo.Equals(self));
        Fingerprint = FingerprintOf(Members);
    }

    /// <summary>Its number in this process.</summary>
    public int Number { get; }

    /// <summary>The silos, in the order of their places.</summary>
    public Member[] Members { get; }

    /// <summary>The same in every process that sees the same silos with the same gateways.</summary>
    public ulong Fingerprint { get; }

    /// <summary>Whether this silo owns every key.</summary>
    public bool IsAlone => Members.Length == 0 || (Members.Length == 1 && _self == 0);

    /// <summary>Whether this silo owns a key.</summary>
    public bool IsMine(UInt128 hash) => IsAlone || OwnerOf(hash) == _self;

    /// <summary>The silo that owns a key, by its index in <see cref="Members"/>.</summary>
    /// <param name="hash">The key's dimension hash.</param>
    public int OwnerOf(UInt128 hash)
    {
        var key = (ulong)hash ^ (ulong)(hash >> 64);
        var (owner, greatest) = (0, 0UL);
        for (var i = 0; i < _seeds.Length; i++)
        {
            var score = Mix(key ^ _seeds[i]);
            if (i > 0 && score <= greatest) continue;
            (owner, greatest) = (i, score);
        }

        return owner;
    }

    /// <summary>Whether the same silos take part, with the same gateways.</summary>
    public bool IsSameAs(IEnumerable<Member> members) =>
        Fingerprint == FingerprintOf([.. members.OrderBy(member => member.Place, StringComparer.Ordinal)]);

    // The finalizer of SplitMix64 (Steele, Lea and Flood, 2014): every bit of the sum of key and seed counts in every bit of the score.
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }

    private static ulong FingerprintOf(Member[] members)
    {
        var hash = new XxHash3();
        foreach (var member in members)
        {
            hash.Append(Encoding.UTF8.GetBytes(member.Incarnation));
            hash.Append("\n"u8);
            foreach (var epoch in member.Epochs) hash.Append(BitConverter.GetBytes(epoch));
        }

        return hash.GetCurrentHashAsUInt64();
    }
}

/// <summary>A silo that owns keys.</summary>
/// <param name="Silo">Its address.</param>
/// <param name="Epochs">Epochs of its gateway, ascending.</param>
internal sealed record Member(SiloAddress Silo, IReadOnlyList<uint> Epochs)
{
    /// <summary>Names this life of the silo: the store knows it by this name.</summary>
    public string Incarnation { get; } = Silo.ToParsableString();

    /// <summary>The same in every life of a silo at one address, so that it gets its keys again.</summary>
    public string Place { get; } = Silo.Endpoint.ToString();
}
