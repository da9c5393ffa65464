using System.Buffers;

namespace Tikr.Tests.Core.Wire;

/// <summary>Cuts bytes into the segments of a sequence.</summary>
internal static class Pieces
{
    public static ReadOnlySequence<byte> Cut(ReadOnlyMemory<byte> bytes, params int[] cuts)
    {
        Piece? first = null, last = null;
        var from = 0;
        foreach (var cut in cuts.Append(bytes.Length).Order())
        {
            last = new Piece(bytes[from..cut], last);
            first ??= last;
            from = cut;
        }

        return new ReadOnlySequence<byte>(first!, 0, last!, last!.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, Piece? before)
        {
            Memory = memory;
            if (before is null) return;
            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }
}
