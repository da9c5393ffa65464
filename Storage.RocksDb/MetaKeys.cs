using System.Buffers.Binary;
using System.Text;

namespace Tikr.Storage.RocksDb;

/// <summary>Keys of the meta column family: one leading letter per table.</summary>
internal static class MetaKeys
{
    /// <summary>Version of the on-disk formats.</summary>
    public static ReadOnlySpan<byte> Format => "V"u8;

    /// <summary>Next gateway epoch.</summary>
    public static ReadOnlySpan<byte> Epoch => "Nepoch"u8;

    /// <summary>Next series number.</summary>
    public static ReadOnlySpan<byte> NextSeries => "Nseries"u8;

    /// <summary>Next bar layout number.</summary>
    public static ReadOnlySpan<byte> NextLayout => "Nlayout"u8;

    /// <summary>Next outbox id.</summary>
    public static ReadOnlySpan<byte> NextOutbox => "Noutbox"u8;

    /// <summary>Next outbox id of late ticks.</summary>
    public static ReadOnlySpan<byte> NextRouted => "Nrouted"u8;

    /// <summary>Whether every key is in the index by number.</summary>
    public static ReadOnlySpan<byte> KeyNumbersComplete => "Ikeys"u8;

    /// <summary>Event time from which ticks are complete.</summary>
    public static ReadOnlySpan<byte> CompleteFrom => "C"u8;

    /// <summary>Slice from which ticks have not been deleted yet.</summary>
    public static ReadOnlySpan<byte> TicksWatermark => "Wt"u8;

    /// <summary>Highest bucket start below which bars have been deleted.</summary>
    public static ReadOnlySpan<byte> BarsCutoff => "WB"u8;

    /// <summary>Bars cutoff at the last rewriting of the files.</summary>
    public static ReadOnlySpan<byte> BarsCompacted => "WC"u8;

    /// <summary>When the reaper last ran, by the wall clock and by the monotonic clock.</summary>
    public static ReadOnlySpan<byte> ReaperClock => "Wc"u8;

    /// <summary>Written to find out whether writes succeed again; nobody reads it.</summary>
    public static ReadOnlySpan<byte> Probe => "P"u8;

    /// <summary>Records of the series.</summary>
    public static ReadOnlySpan<byte> SeriesPrefix => "S"u8;

    /// <summary>Bar layouts.</summary>
    public static ReadOnlySpan<byte> LayoutPrefix => "L"u8;

    public static byte[] Series(string name) => [.. SeriesPrefix, .. Encoding.UTF8.GetBytes(name)];

    public static byte[] Layout(uint id)
    {
        var key = new byte[5];
        key[0] = (byte)'L';
        BinaryPrimitives.WriteUInt32BigEndian(key.AsSpan(1), id);
        return key;
    }

    /// <summary>Newest bucket of which a bar was ever written, by series and granularity.</summary>
    public static byte[] BarHorizon(ushort seriesId, long rollupNs)
    {
        var key = new byte[11];
        key[0] = (byte)'B';
        BinaryPrimitives.WriteUInt16BigEndian(key.AsSpan(1), seriesId);
        BinaryPrimitives.WriteInt64BigEndian(key.AsSpan(3), rollupNs);
        return key;
    }

    /// <summary>Watermark of a group of bars.</summary>
    public static byte[] BarsWatermark(ReadOnlySpan<byte> group) => [(byte)'W', (byte)'b', .. group];

    /// <summary>Counters of a series' key table: next key number and number of keys.</summary>
    public static byte[] KeyCounters(ushort seriesId) => [(byte)'N', (byte)'k', (byte)(seriesId >> 8), (byte)seriesId];

    /// <summary>Keys of a series by hash.</summary>
    public static byte[] KeysByHash(ushort seriesId) => [(byte)'K', (byte)(seriesId >> 8), (byte)seriesId];

    public const int KeyByHashLength = 19;

    public const int KeyByNumberLength = 7;

    public static void KeyByNumber(Span<byte> to, ushort seriesId, uint keyId)
    {
        to[0] = (byte)'i';
        BinaryPrimitives.WriteUInt16BigEndian(to[1..], seriesId);
        BinaryPrimitives.WriteUInt32BigEndian(to[3..], keyId);
    }

    public static void KeyByHash(Span<byte> to, ushort seriesId, UInt128 hash)
    {
        to[0] = (byte)'K';
        BinaryPrimitives.WriteUInt16BigEndian(to[1..], seriesId);
        BinaryPrimitives.WriteUInt128BigEndian(to[3..], hash);
    }
}
