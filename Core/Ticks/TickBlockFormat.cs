using System.IO.Hashing;

namespace Tikr.Core.Ticks;

/// <summary>Numbers of the block layout; docs/tick-blocks.md describes it.</summary>
internal static class TickBlockFormat
{
    public const byte Version = 1;

    /// <summary>Bit of the form byte: the block has a key directory.</summary>
    public const byte SharedKeys = 1;

    /// <summary>Bit of the form byte: every field has a presence column.</summary>
    public const byte HasPresence = 2;

    /// <summary>Most ticks of a block; bounds what a damaged block can make a reader do.</summary>
    public const int MaxTicks = 256;

    /// <summary>Most fields of a block, as of a series.</summary>
    public const int MaxFields = Specs.SeriesSpec.MaxMetrics;

    public const int ChecksumBytes = 4;

    /// <summary>The lower half of XXH3-64, the fastest check for the sizes of blocks.</summary>
    public static uint Checksum(ReadOnlySpan<byte> bytes) => (uint)XxHash3.HashToUInt64(bytes);

    /// <summary>Version, form and three varints of at most 5 bytes.</summary>
    public const int MaxHeaderBytes = 17;

    /// <summary>Room that the largest block of this shape needs while it is written.</summary>
    public static int MaxBytes(int ticks, int keys, int fields)
    {
        var perKey = ColumnPacker.MaxBytes(keys);
        var perTick = ColumnPacker.MaxBytes(ticks);
        var directory = 3 * perKey;
        var columns = (2 + fields) * (1 + perKey + perTick);
        var fieldHeads = fields * (3 + perTick);
        return MaxHeaderBytes + directory + columns + fieldHeads + ChecksumBytes;
    }
}
