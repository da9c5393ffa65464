namespace Tikr.Gateway.Ingest.Lanes;

/// <summary>
/// The sources of a series as 64 bits, so that a cell remembers its sources in one word. More than 64 streams share bits: a shared bit is
/// as far as its slowest source, which can only make a past bucket close later. Belongs to the lane.
/// </summary>
internal sealed class SourceTable
{
    private const int Bits = 64;
    private readonly List<Source>[] _byBit = Enumerable.Range(0, Bits).Select(_ => new List<Source>()).ToArray();
    private int _next;

    /// <summary>The bit of a source, giving it one when it has none.</summary>
    public ulong BitOf(Source source)
    {
        if (source.Bit < 0)
        {
            source.Bit = FreeBit();
            _byBit[source.Bit].Add(source);
        }

        return 1UL << source.Bit;
    }

    /// <summary>Forgets a source whose stream has ended: it holds nothing back any more.</summary>
    public void Close(Source source)
    {
        if (source.Bit < 0) return;
        _byBit[source.Bit].Remove(source);
        source.Bit = -1;
    }

    /// <summary>Whether every source of a cell has passed an event time.</summary>
    public bool HavePassed(ulong sources, long timeNs)
    {
        for (; sources != 0; sources &= sources - 1)
        {
            foreach (var source in _byBit[System.Numerics.BitOperations.TrailingZeroCount(sources)])
            {
                if (source.EventTimeNs < timeNs) return false;
            }
        }

        return true;
    }

    /// <summary>Whether some source of a cell has brought ticks since a time.</summary>
    public bool AnyActive(ulong sources, long sinceNs)
    {
        for (; sources != 0; sources &= sources - 1)
        {
            foreach (var source in _byBit[System.Numerics.BitOperations.TrailingZeroCount(sources)])
            {
                if (source.LastTickNs > sinceNs) return true;
            }
        }

        return false;
    }

    /// <summary>Looks which streams are drained now, just before what they have left is flushed.</summary>
    public void LookForDrained()
    {
        foreach (var sharing in _byBit)
        {
            foreach (var source in sharing) source.Stream.WasDrained = source.Stream.IsDrained;
        }
    }

    /// <summary>
    /// Least event time, from <paramref name="sinceNs"/> on, that a stream has come to which had more to read at the last look;
    /// long.MaxValue if there is none.
    /// </summary>
    public long LeastUndrained(long sinceNs)
    {
        var least = long.MaxValue;
        foreach (var sharing in _byBit)
        {
            foreach (var source in sharing)
            {
                var stream = source.Stream;
                if (!stream.WasDrained && stream.EventTimeNs >= sinceNs) least = Math.Min(least, stream.EventTimeNs);
            }
        }

        return least;
    }

    private int FreeBit()
    {
        for (var i = 0; i < Bits; i++)
        {
            var bit = (_next + i) % Bits;
            if (_byBit[bit].Count > 0) continue;
            _next = bit + 1;
            return bit;
        }

        return _next++ % Bits;
    }
}
