using System.Buffers;
using System.Buffers.Binary;
using Tikr.Core.Delivery;
using Tikr.Storage;

namespace Tikr.Grains.Cluster;

/// <summary>Partials on their way to another silo, one after the other, as numbers of <see cref="ByteCodec"/>.</summary>
internal static class PartialCodec
{
    private const int HashBytes = 16;
    private const ulong HasState = 1, Close = 2, Final = 4, Early = 8, IsAgain = 16, Announces = 32;

    /// <summary>Appends a partial.</summary>
    public static void Write(IBufferWriter<byte> into, ushort seriesId, uint keyId, UInt128 hash, Partial partial)
    {
        into.WriteVarint(seriesId);
        into.WriteVarint(keyId);
        BinaryPrimitives.WriteUInt128LittleEndian(into.GetSpan(HashBytes), hash);
        into.Advance(HashBytes);
        into.WriteVarint(partial.Epoch);
        into.WriteVarint(FlagsOf(partial));
        into.WriteSigned(partial.BucketStart);
        into.WriteSigned(partial.DueNs);
        into.WriteVarint(partial.FromFlush);
        into.WriteVarint(partial.ToFlush - partial.FromFlush);
        into.WriteVarint(partial.FromFlush - partial.PreviousFlush);
        if (partial.State is not { } state) return;
        into.WriteVarint((ulong)state.Length);
        foreach (var value in state) into.WriteSigned(value);
    }

    /// <summary>Reads partials one by one into the same object, whose state belongs to the reader.</summary>
    public ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private readonly Dictionary<int, long[]> _states = [];
        private ByteReader _left = new(bytes);

        /// <summary>The partial; valid until the next is read.</summary>
        public Partial Partial { get; } = new();

        public ushort SeriesId { get; private set; }

        public uint KeyId { get; private set; }

        /// <summary>The key's dimension hash.</summary>
        public UInt128 Hash { get; private set; }

        /// <summary>Reads the next; false at the end.</summary>
        public bool Next()
        {
            if (_left.IsEmpty) return false;
            SeriesId = (ushort)_left.ReadVarint();
            KeyId = (uint)_left.ReadVarint();
            Hash = BinaryPrimitives.ReadUInt128LittleEndian(_left.ReadBytes(HashBytes));
            Partial.Epoch = (uint)_left.ReadVarint();
            var flags = _left.ReadVarint();
            Partial.BucketStart = _left.ReadSigned();
            Partial.DueNs = _left.ReadSigned();
            Partial.FromFlush = _left.ReadVarint();
            Partial.ToFlush = Partial.FromFlush + _left.ReadVarint();
            Partial.PreviousFlush = Partial.FromFlush - _left.ReadVarint();
            Partial.Close = (flags & Close) != 0;
            Partial.Final = (flags & Final) != 0;
            Partial.Early = (flags & Early) != 0;
            Partial.IsAgain = (flags & IsAgain) != 0;
            Partial.Announces = (flags & Announces) != 0;
            Partial.State = (flags & HasState) != 0 ? ReadState() : null;
            return true;
        }

        private long[] ReadState()
        {
            // A number takes a byte at least: a length from a message that is damaged claims no memory.
            var length = _left.ReadVarint();
            if (length > (ulong)_left.Length) throw new InvalidDataException($"A state of {length} numbers in {_left.Length} bytes.");
            if (!_states.TryGetValue((int)length, out var state)) _states[(int)length] = state = new long[length];
            for (var i = 0; i < state.Length; i++) state[i] = _left.ReadSigned();
            return state;
        }
    }

    private static ulong FlagsOf(Partial partial) =>
        (partial.State is null ? 0 : HasState) | (partial.Close ? Close : 0) | (partial.Final ? Final : 0) | (partial.Early ? Early : 0)
        | (partial.IsAgain ? IsAgain : 0) | (partial.Announces ? Announces : 0);
}
