using System.Buffers.Binary;

namespace Tikr.Tests.Fuzz.Driver;

/// <summary>Makes inputs from inputs.</summary>
/// <param name="random">Chooses.</param>
/// <param name="tokens">Pieces that the format knows.</param>
internal sealed class Mutator(Random random, IReadOnlyList<byte[]> tokens)
{
    private const int MaxLength = 4096, MaxChanges = 16, MaxPiece = 64;
    private static readonly byte[] Edges = [0, 1, 2, 7, 8, 16, 32, 64, 100, 127, 128, 200, 254, 255];

    /// <summary>A few changes to an input, perhaps with a part of another.</summary>
    public byte[] Change(byte[] input, byte[] other)
    {
        var bytes = new List<byte>(input);
        for (var times = 1 + random.Next(1 + random.Next(MaxChanges)); times > 0; times--) ChangeOnce(bytes, other);
        if (bytes.Count > MaxLength) bytes.RemoveRange(MaxLength, bytes.Count - MaxLength);
        return [.. bytes];
    }

    private void ChangeOnce(List<byte> bytes, byte[] other)
    {
        var at = random.Next(bytes.Count + 1);
        if (at == bytes.Count)
        {
            bytes.InsertRange(at, Piece(bytes, other));
            return;
        }

        switch (random.Next(9))
        {
            case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
            case 1: bytes[at] = (byte)random.Next(256); break;
            case 2: bytes[at] = Edges[random.Next(Edges.Length)]; break;
            case 3: bytes[at] += (byte)(random.Next(33) - 16); break;
            case 4: bytes.RemoveRange(at, Math.Min(1 + random.Next(MaxPiece), bytes.Count - at)); break;
            case 5: bytes.RemoveRange(at, bytes.Count - at); break;
            case 6: Overwrite(bytes, at, Piece(bytes, other)); break;
            default: bytes.InsertRange(at, Piece(bytes, other)); break;
        }
    }

    private byte[] Piece(List<byte> own, byte[] other)
    {
        switch (random.Next(4))
        {
            case 0 when tokens.Count > 0: return tokens[random.Next(tokens.Count)];
            case 1 when other.Length > 0:
                var from = random.Next(other.Length);
                return other[from..Math.Min(other.Length, from + 1 + random.Next(MaxPiece))];
            case 2 when own.Count > 0:
                var start = random.Next(own.Count);
                return [.. own.GetRange(start, Math.Min(1 + random.Next(MaxPiece), own.Count - start))];
            default:
                var number = new byte[sizeof(ulong)];
                BinaryPrimitives.WriteInt64LittleEndian(number, random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64));
                return number[..(1 + random.Next(sizeof(ulong)))];
        }
    }

    private static void Overwrite(List<byte> bytes, int at, byte[] piece)
    {
        for (var i = 0; i < piece.Length && at + i < bytes.Count; i++) bytes[at + i] = piece[i];
    }
}
