using System.Numerics;
using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace Tikr.Tests.Fuzz.Driver;

/// <summary>Which branches an input takes, and about how often, as the instrumented code counts them. There is one at a time.</summary>
internal sealed unsafe class Coverage : IDisposable
{
    private const int Size = 1 << 16;
    private readonly byte* _counts = (byte*)NativeMemory.AllocZeroed(Size);
    private readonly byte[] _seen = new byte[Size];

    public Coverage() => Trace.SharedMem = _counts;

    /// <summary>Pairs of branches that were taken one after the other.</summary>
    public int Branches { get; private set; }

    /// <summary>Counts anew.</summary>
    public void Begin()
    {
        new Span<byte>(_counts, Size).Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>Whether a branch was taken, or was taken about as often, as never before.</summary>
    public bool IsNew()
    {
        var isNew = false;
        var words = new ReadOnlySpan<ulong>(_counts, Size / sizeof(ulong));
        for (var word = 0; word < words.Length; word++)
        {
            if (words[word] == 0) continue;
            for (var at = word * sizeof(ulong); at < (word + 1) * sizeof(ulong); at++)
            {
                var about = About(_counts[at]);
                if ((_seen[at] | about) == _seen[at]) continue;
                if (_seen[at] == 0) Branches++;
                _seen[at] |= about;
                isNew = true;
            }
        }

        return isNew;
    }

    public void Dispose()
    {
        Trace.SharedMem = null;
        NativeMemory.Free(_counts);
    }

    // A bit for 1, 2, 4, 8, ... times.
    private static byte About(byte count) => count == 0 ? (byte)0 : (byte)(1 << BitOperations.Log2(count));
}
