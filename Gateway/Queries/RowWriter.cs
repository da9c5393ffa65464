using Grpc.Core;

namespace Tikr.Gateway.Queries;

/// <summary>Writes rows to a client: buffered, flushed every so often, and waiting where the client reads slowly.</summary>
internal sealed class RowWriter<T>(IServerStreamWriter<T> answers, long limit)
    where T : class
{
    /// <summary>Rows between flushes: enough to fill frames, few enough to keep memory flat.</summary>
    private const int FlushEvery = 128;

    private static readonly WriteOptions Buffered = new(WriteFlags.BufferHint);
    private static readonly WriteOptions Flushed = new();

    /// <summary>Rows written.</summary>
    public long Rows { get; private set; }

    /// <summary>Whether the limit is reached.</summary>
    public bool IsFull => Rows >= limit;

    /// <summary>
    /// Writes a row; it is serialised before this returns, so the message may be reused. The token ends the wait for a slow client
    /// and is kept from the write itself, which would take it as an order to break the connection instead of ending the call with a status.
    /// </summary>
    public Task WriteAsync(T row, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Rows++;
        answers.WriteOptions = Rows % FlushEvery == 0 ? Flushed : Buffered;
        var write = answers.WriteAsync(row, CancellationToken.None);
        return write.IsCompleted ? write : write.WaitAsync(cancellation);
    }
}
