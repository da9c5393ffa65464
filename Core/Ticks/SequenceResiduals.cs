using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Tikr.Core.Ticks;

/// <summary>Turns the sequences of a key's consecutive ticks into sequence - index and back.</summary>
internal static class SequenceResiduals
{
    /// <summary>Writes sequence - index of each.</summary>
    public static void Take(ReadOnlySpan<uint> sequences, Span<long> residuals)
    {
        var i = 0;
        if (sequences.Length >= Vector256<uint>.Count)
        {
            var (low, high) = (Vector256.Create(0L, 1, 2, 3), Vector256.Create(4L, 5, 6, 7));
            var step = Vector256.Create(8L);
            ref var source = ref MemoryMarshal.GetReference(sequences);
            ref var target = ref MemoryMarshal.GetReference(residuals[..sequences.Length]);
            for (; i <= sequences.Length - 8; i += 8)
            {
                var (lower, upper) = Vector256.Widen(Vector256.LoadUnsafe(ref source, (nuint)i));
                (lower.AsInt64() - low).StoreUnsafe(ref target, (nuint)i);
                (upper.AsInt64() - high).StoreUnsafe(ref target, (nuint)i + 4);
                low += step;
                high += step;
            }
        }

        for (; i < sequences.Length; i++) residuals[i] = (long)sequences[i] - i;
    }

    /// <summary>Writes residual + index of each, where the first has index <paramref name="offset"/>.</summary>
    public static void Restore(ReadOnlySpan<long> residuals, int offset, Span<uint> sequences)
    {
        sequences = sequences[..residuals.Length];
        for (var i = 0; i < residuals.Length; i++) sequences[i] = (uint)(residuals[i] + offset + i);
    }
}
