using System.Buffers.Binary;

namespace Tikr.Storage.RocksDb;

/// <summary>
/// Checks a write-ahead log of RocksDB record by record. Blocks of 32 KiB hold records of checksum (4), length (2), type (1)
/// and, in recycled files, a log number (4); a write that spans blocks is a first, any middle and a last record.
/// </summary>
internal readonly ref struct LogScan(ReadOnlySpan<byte> bytes)
{
    private const int Block = 32 << 10, Header = 7, RecyclableHeader = 11, LengthBits = 16;
    private const byte Full = 1, First = 2, Middle = 3, Last = 4, FirstRecyclable = 5, LastRecyclable = 8;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Finds the first damage, and what is readable after it.</summary>
    public LogDamage Run()
    {
        var (offset, good) = (0, 0);
        var inWrite = false;
        while (TryRecord(offset, out var next, out var type))
        {
            if (type is First or Full && inWrite) break;
            if (type is Middle or Last && !inWrite) break;
            inWrite = type is First or Middle;
            offset = next;
            if (!inWrite) good = offset;
        }

        if (!inWrite && RestOfBlockIsPadding(offset) && _bytes.Length - offset < Header) good = _bytes.Length;
        return good == _bytes.Length ? new LogDamage(good, 0, false) : new LogDamage(good, BytesOfWritesFrom(offset), IsOneBitOff(offset));
    }

    /// <summary>Reads the record at an offset, or the first of the next block where only padding is left in this one.</summary>
    private bool TryRecord(int offset, out int next, out byte type)
    {
        (next, type) = (offset, 0);
        if (!TryHeader(ref offset)) return false;
        type = _bytes[offset + 6];
        if (type == 0) return false;
        var length = BinaryPrimitives.ReadUInt16LittleEndian(_bytes[(offset + 4)..]);
        if (!Fits(offset, HeaderOf(type), length) || StoredChecksum(offset) != Checksum(offset, HeaderOf(type), length)) return false;
        next = offset + HeaderOf(type) + length;
        if (type is >= FirstRecyclable and <= LastRecyclable) type -= 4;
        else if (type > Last) type = Full;
        return true;
    }

    /// <summary>Goes over the padding of a block; false where no header is.</summary>
    private bool TryHeader(ref int offset)
    {
        if (Block - (offset % Block) < Header)
        {
            if (!RestOfBlockIsPadding(offset)) return false;
            offset += Block - (offset % Block);
        }

        return offset + Header <= _bytes.Length;
    }

    private bool RestOfBlockIsPadding(int offset)
    {
        var rest = Math.Min(_bytes.Length - offset, Block - (offset % Block));
        return rest <= 0 || !_bytes.Slice(offset, rest).ContainsAnyExcept((byte)0);
    }

    /// <summary>
    /// Bytes of whole writes from the damage on. Its length may be damaged too, so in its block every byte may begin a record; beyond, the
    /// blocks do. What is left of a write whose beginning is not readable is no write.
    /// </summary>
    private long BytesOfWritesFrom(int damage)
    {
        long readable = 0, begun = 0;
        var offset = damage;
        while (offset < _bytes.Length)
        {
            if (!TryRecord(offset, out var next, out var type))
            {
                begun = 0;
                offset = offset / Block == damage / Block ? offset + 1 : ((offset / Block) + 1) * Block;
                continue;
            }

            if (type is Full or First) begun = 0;
            if (type is Full or First || begun > 0) begun += next - offset;
            if (type is Full or Last)
            {
                readable += begun;
                begun = 0;
            }

            offset = next;
        }

        return readable;
    }

    /// <summary>
    /// Whether a record would be readable if one of its bits were another: then all of it was written, and it has changed since. Not so
    /// where the bit, and all after it to the end of the file, may never have been written.
    /// </summary>
    private bool IsOneBitOff(int offset)
    {
        if (!TryHeader(ref offset)) return false;
        var length = BinaryPrimitives.ReadUInt16LittleEndian(_bytes[(offset + 4)..]);
        foreach (var header in (ReadOnlySpan<int>)[Header, RecyclableHeader])
        {
            if (IsOneBitOff(offset, header, length)) return true;
        }

        return false;
    }

    private bool IsOneBitOff(int offset, int header, int length)
    {
        var type = _bytes[offset + 6];
        var stored = StoredChecksum(offset);
        for (var bit = 0; bit < LengthBits && HeaderOf(type) == header; bit++)
        {
            var other = length ^ (1 << bit);
            if (Fits(offset, header, other) && Checksum(offset, header, other) == stored) return type != 0;
        }

        if (!Fits(offset, header, length)) return false;
        var computed = Checksum(offset, header, length);
        var masked = BinaryPrimitives.ReadUInt32LittleEndian(_bytes[offset..]);
        for (var bit = 0; bit < 32 && HeaderOf(type) == header; bit++)
        {
            if (LogChecksum.Unmask(masked ^ (1u << bit)) == computed) return type != 0;
        }

        var changed = LogChecksum.ChangedBit(header - 6 + length, computed, stored);
        if (changed < 0) return false;
        if (changed < 8) type ^= (byte)(1 << changed);
        if (type == 0 || HeaderOf(type) != header) return false;
        var end = offset + header + length;
        return end == _bytes.Length || _bytes[(offset + 6 + (changed / 8))..].ContainsAnyExcept((byte)0);
    }

    private bool Fits(int offset, int header, int length) =>
        (offset % Block) + header + length <= Block && offset + header + length <= _bytes.Length;

    private uint StoredChecksum(int offset) => LogChecksum.Unmask(BinaryPrimitives.ReadUInt32LittleEndian(_bytes[offset..]));

    private uint Checksum(int offset, int header, int length) => LogChecksum.Of(_bytes.Slice(offset + 6, header - 6 + length));

    private static int HeaderOf(byte type) => type is >= FirstRecyclable and <= LastRecyclable or 11 or 131 ? RecyclableHeader : Header;
}

/// <summary>What is wrong with a write-ahead log.</summary>
/// <param name="GoodLength">Where the first unreadable write begins; the length if every write is readable.</param>
/// <param name="ReadableAfter">Bytes of whole writes after the damage.</param>
/// <param name="IsOneBitOff">Whether one changed bit explains the damage.</param>
internal readonly record struct LogDamage(int GoodLength, long ReadableAfter, bool IsOneBitOff);
