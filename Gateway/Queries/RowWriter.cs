using Grpc.Core;

namespace Tikr.Gateway.Queries;

/// <summary>
/// Writes rows to a client: buffered, flushed every so often, and waiting where the client reads slowly. A client that takes nothing for
/// long is given up.
/// </summary>
internal sealed class RowWriter<T>(IServerStreamWriter<T> answers, long limit, ScanPlace place, ScanThreads threads)
    where T : class
{
    /// <summary>Rows, and bytes of rows, between flushes: enough to fill frames, few enough to keep memory flat.</summary>
    private const int MostRows = 128, MostBytes = 16 * 1024;

    private static readonly WriteOptions Buffered = new(WriteFlags.BufferHint);
    private static readonly WriteOptions Flushed = new();
    private int _unflushed, _flushEvery = MostRows;

    /// <summary>Rows written.</summary>
    public long Rows { get; private set; }

    /// <summary>Whether the limit is reached.</summary>
    public bool IsFull => Rows >= limit;

    /// <summary>About how long the rows are that follow; bytes.</summary>
    public int RowBytes { set => _flushEvery = Math.Clamp(MostBytes / Math.Max(1, value), 1, MostRows); }

    /// <summary>
    /// Writes a row; it is serialised before this returns, so the message may be reused. The token ends the wait for a slow client
    /// and is kept from the write itself, which would take it as an order to break the connection instead of ending the call with a status.
    /// </summary>
    public Task WriteAsync(T row, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Rows++;
        var flushes = ++_unflushed >= _flushEvery;
        if (flushes) _unflushed = 0;
        answers.WriteOptions = flushes ? Flushed : Buffered;
        var write = answers.WriteAsync(row, CancellationToken.None);
        return write.IsCompleted ? write : WaitAsync(write);
    }

    // Whoever lets the client's window through has no time for the rest of the scan.
    private async Task WaitAsync(Task write)
    {
        await place.WaitAsync(write).ConfigureAwait(false);
        await threads.Here();
    }
}
