using System.Buffers.Binary;
using System.Numerics;

namespace Tikr.Storage.RocksDb;

/// <summary>
/// Checks a write-ahead log of RocksDB record by record. Blocks of 32 KiB hold records of checksum (4), length (2), type (1)
/// and, in recycled files, a log number (4); a write that spans blocks is a first, any middle and a last record.
/// </summary>
internal ref struct LogScan(ReadOnlySpan<byte> bytes)
{
    private const int Block = 32 << 10, Header = 7, RecyclableHeader = 11, Sector = 512;
    private const byte Full = 1, First = 2, Middle = 3, Last = 4, FirstRecyclable = 5, LastRecyclable = 8;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int GoodLength { get; private set; }

    public long ReadableAfter { get; private set; }

    public bool HasHole { get; private set; }

    /// <summary>Finds the first damage, and what is readable after it.</summary>
    public void Run()
    {
        var offset = 0;
        var inWrite = false;
        while (TryRecord(offset, out var next, out var type))
        {
            if (type is First or Full && inWrite) break;
            if (type is Middle or Last && !inWrite) break;
            inWrite = type is First or Middle;
            offset = next;
            if (!inWrite) GoodLength = offset;
        }

        if (!inWrite && RestOfBlockIsPadding(offset) && _bytes.Length - offset < Header) GoodLength = _bytes.Length;
        if (GoodLength == _bytes.Length) return;
        HasHole = FindHole(offset);
        CountAfter(offset);
    }

    /// <summary>Reads the record at an offset, or the first of the next block where only padding is left in this one.</summary>
    private readonly bool TryRecord(int offset, out int next, out byte type)
    {
        (next, type) = (offset, 0);
        if (Block - (offset % Block) < Header)
        {
            if (!RestOfBlockIsPadding(offset)) return false;
            offset += Block - (offset % Block);
        }

        if (offset + Header > _bytes.Length) return false;
        var header = _bytes[offset..];
        int length = BinaryPrimitives.ReadUInt16LittleEndian(header[4..]);
        type = header[6];
        if (type == 0) return false;
        var headerLength = type is >= FirstRecyclable and <= LastRecyclable or 11 or 131 ? RecyclableHeader : Header;
        if ((offset % Block) + headerLength + length > Block || offset + headerLength + length > _bytes.Length) return false;
        if (Unmask(BinaryPrimitives.ReadUInt32LittleEndian(header)) != Crc32C(header.Slice(6, headerLength - 6 + length))) return false;
        next = offset + headerLength + length;
        if (type is >= FirstRecyclable and <= LastRecyclable) type -= 4;
        else if (type > Last) type = Full;
        return true;
    }

    private readonly bool RestOfBlockIsPadding(int offset)
    {
        var rest = Math.Min(_bytes.Length - offset, Block - (offset % Block));
        return rest <= 0 || !_bytes.Slice(offset, rest).ContainsAnyExcept((byte)0);
    }

    /// <summary>An all-zero sector between the damage and the end of its block, or of the file.</summary>
    private readonly bool FindHole(int offset)
    {
        var end = Math.Min(_bytes.Length, offset - (offset % Block) + Block);
        for (var at = (offset + Sector - 1) / Sector * Sector; at < end; at += Sector)
        {
            if (!_bytes.Slice(at, Math.Min(Sector, end - at)).ContainsAnyExcept((byte)0)) return true;
        }

        return false;
    }

    /// <summary>Readable records after the damage: behind the damaged one if its length is intact, and from the next block on.</summary>
    private void CountAfter(int damage)
    {
        if (damage + Header <= _bytes.Length && Block - (damage % Block) >= Header)
        {
            var skipped = damage + Header + BinaryPrimitives.ReadUInt16LittleEndian(_bytes[(damage + 4)..]);
            if (skipped / Block == damage / Block) CountFrom(skipped);
        }

        for (var block = (damage / Block * Block) + Block; block < _bytes.Length; block += Block) CountFrom(block);
    }

    private void CountFrom(int offset)
    {
        var block = offset / Block;
        while (TryRecord(offset, out var next, out _))
        {
            ReadableAfter += next - offset;
            offset = next;
            if (offset / Block != block) return;
        }
    }

    private static uint Unmask(uint masked)
    {
        var rotated = masked - 0xa282ead8u;
        return (rotated >> 17) | (rotated << 15);
    }

    private static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        for (; bytes.Length >= 8; bytes = bytes[8..]) crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var b in bytes) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
