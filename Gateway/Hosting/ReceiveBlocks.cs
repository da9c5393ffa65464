using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Tikr.Core.Memory;

namespace Tikr.Gateway.Hosting;

/// <summary>Gives Kestrel receive blocks of 16 KB instead of 4 KB: fewer socket reads and fewer segments per message.</summary>
/// <param name="budget">Tells how many blocks may be kept for reuse.</param>
internal sealed class ReceiveBlockFactory(MemoryBudget budget) : IMemoryPoolFactory<byte>
{
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) =>
        new ReceiveBlockPool((int)Math.Min(ReceiveBlockPool.MostKept, budget.WindowBytes / 4 / ReceiveBlockPool.BlockBytes));
}

/// <summary>Pinned blocks of one size; keeps a bounded number of them and leaves the rest to the collector.</summary>
/// <param name="kept">Most unused blocks kept.</param>
internal sealed class ReceiveBlockPool(int kept = ReceiveBlockPool.MostKept) : MemoryPool<byte>
{
    /// <summary>Size of a block.</summary>
    internal const int BlockBytes = 16 * 1024;

    /// <summary>Most unused blocks kept, where there is plenty of memory.</summary>
    internal const int MostKept = 2048;

    private readonly ConcurrentQueue<Block> _free = new();
    private int _kept;
    private volatile bool _disposed;

    public override int MaxBufferSize => BlockBytes;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockBytes);
        if (!_free.TryDequeue(out var block)) return new Block(this);
        Interlocked.Decrement(ref _kept);
        block.Lend();
        return block;
    }

    protected override void Dispose(bool disposing)
    {
        _disposed = true;
        _free.Clear();
    }

    private void Return(Block block)
    {
        if (_disposed || Volatile.Read(ref _kept) >= kept) return;
        Interlocked.Increment(ref _kept);
        _free.Enqueue(block);
    }

    private sealed class Block(ReceiveBlockPool pool) : IMemoryOwner<byte>
    {
        private int _lent = 1;

        public Memory<byte> Memory { get; } =
            MemoryMarshal.CreateFromPinnedArray(GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true), 0, BlockBytes);

        public void Lend() => _lent = 1;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _lent, 0) == 1) pool.Return(this);
        }
    }
}
