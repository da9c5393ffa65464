using Npgsql;

namespace Tikr.Storage.Timescale.Ticks;

/// <summary>Where a block stands: its group, then the order within it.</summary>
internal readonly record struct BlockPosition(long Group, long MinTime, FlushId Flush, int Ordinal)
{
    public static readonly BlockPosition BeforeAll = new(long.MinValue, long.MinValue, default, -1);
}

/// <summary>Some stored blocks, fetched at once: while a reader works on them no connection is held. Reused.</summary>
internal sealed class TickPage
{
    /// <summary>Blocks of the first page: enough for a short range, little to throw away.</summary>
    public const int FirstBlocks = 32;

    /// <summary>Blocks of later pages: about a megabyte.</summary>
    public const int MostBlocks = 512;

    private readonly List<(BlockPosition Position, int Offset, int Length)> _blocks = [];
    private byte[] _bytes = new byte[1 << 14];
    private int _length;

    public int Count => _blocks.Count;

    public BlockPosition PositionOf(int index) => _blocks[index].Position;

    public ReadOnlySpan<byte> BlockOf(int index) => _bytes.AsSpan(_blocks[index].Offset, _blocks[index].Length);

    /// <summary>Replaces the content by the rows of a query.</summary>
    public async Task FillAsync(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        _blocks.Clear();
        _length = 0;
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            var flush = new FlushId((uint)reader.GetInt32(2), (ulong)reader.GetInt64(3));
            var position = new BlockPosition(reader.GetInt64(0), reader.GetInt64(1), flush, reader.GetInt32(4));
            var length = (int)reader.GetBytes(5, 0, null, 0, 0);
            if (_bytes.Length - _length < length) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + length));
            reader.GetBytes(5, 0, _bytes, _length, length);
            _blocks.Add((position, _length, length));
            _length += length;
        }
    }
}
