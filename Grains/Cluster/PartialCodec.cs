using System.Buffers;
using System.Buffers.Binary;
using Tikr.Core.Delivery;

namespace Tikr.Grains.Cluster;

/// <summary>
/// Partials on their way to another silo: one after the other, numbers as they stand in memory where they are arbitrary, as varints where
/// they are small. A state's numbers are varints with the sign in the lowest bit, as protobuf's sint64 (zigzag).
/// </summary>
internal static class PartialCodec
{
    private const int FixedBytes = 2 + 4 + 16 + 4 + 1 + 8 + 8, MaxVarint = 10;
    private const byte HasState = 1, Close = 2, Final = 4, Early = 8, IsAgain = 16, Announces = 32;

    /// <summary>Appends a partial.</summary>
    public static void Write(IBufferWriter<byte> into, ushort seriesId, uint keyId, UInt128 hash, Partial partial)
    {
        var state = partial.State.AsSpan();
        var span = into.GetSpan(FixedBytes + ((4 + state.Length) * MaxVarint));
        BinaryPrimitives.WriteUInt16LittleEndian(span, seriesId);
        BinaryPrimitives.WriteUInt32LittleEndian(span[2..], keyId);
        BinaryPrimitives.WriteUInt128LittleEndian(span[6..], hash);
        BinaryPrimitives.WriteUInt32LittleEndian(span[22..], partial.Epoch);
        span[26] = FlagsOf(partial);
        BinaryPrimitives.WriteInt64LittleEndian(span[27..], partial.BucketStart);
        BinaryPrimitives.WriteInt64LittleEndian(span[35..], partial.DueNs);
        var at = FixedBytes;
        at += WriteVarint(span[at..], partial.FromFlush);
        at += WriteVarint(span[at..], partial.ToFlush - partial.FromFlush);
        at += WriteVarint(span[at..], partial.FromFlush - partial.PreviousFlush);
        if (partial.State is not null)
        {
            at += WriteVarint(span[at..], (ulong)state.Length);
            foreach (var value in state) at += WriteVarint(span[at..], (ulong)(value << 1) ^ (ulong)(value >> 63));
        }

        into.Advance(at);
    }

    /// <summary>Reads partials one by one into the same object, whose state belongs to the reader.</summary>
    public ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private readonly Dictionary<int, long[]> _states = [];
        private ReadOnlySpan<byte> _left = bytes;

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
            SeriesId = BinaryPrimitives.ReadUInt16LittleEndian(_left);
            KeyId = BinaryPrimitives.ReadUInt32LittleEndian(_left[2..]);
            Hash = BinaryPrimitives.ReadUInt128LittleEndian(_left[6..]);
            Partial.Epoch = BinaryPrimitives.ReadUInt32LittleEndian(_left[22..]);
            var flags = _left[26];
            Partial.BucketStart = BinaryPrimitives.ReadInt64LittleEndian(_left[27..]);
            Partial.DueNs = BinaryPrimitives.ReadInt64LittleEndian(_left[35..]);
            _left = _left[FixedBytes..];
            Partial.FromFlush = ReadVarint();
            Partial.ToFlush = Partial.FromFlush + ReadVarint();
            Partial.PreviousFlush = Partial.FromFlush - ReadVarint();
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
            var length = checked((int)ReadVarint());
            if (length > _left.Length) throw new InvalidDataException($"A state of {length} numbers in {_left.Length} bytes.");
            if (!_states.TryGetValue(length, out var state)) _states[length] = state = new long[length];
            for (var i = 0; i < length; i++)
            {
                var value = ReadVarint();
                state[i] = (long)(value >> 1) ^ -(long)(value & 1);
            }

            return state;
        }

        private ulong ReadVarint()
        {
            var value = 0UL;
            for (var (i, shift) = (0, 0); ; i++, shift += 7)
            {
                value |= (ulong)(_left[i] & 0x7f) << shift;
                if (_left[i] >= 0x80) continue;
                _left = _left[(i + 1)..];
                return value;
            }
        }
    }

    private static byte FlagsOf(Partial partial) => (byte)(
        (partial.State is null ? 0 : HasState) | (partial.Close ? Close : 0) | (partial.Final ? Final : 0) | (partial.Early ? Early : 0)
        | (partial.IsAgain ? IsAgain : 0) | (partial.Announces ? Announces : 0));

    private static int WriteVarint(Span<byte> span, ulong value)
    {
        var at = 0;
        for (; value >= 0x80; value >>= 7) span[at++] = (byte)(value | 0x80);
        span[at++] = (byte)value;
        return at;
    }
}
