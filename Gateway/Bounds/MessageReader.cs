using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;

namespace Tikr.Gateway.Bounds;

/// <summary>
/// Reads the body of a gRPC call message by message. The reader above it takes a message only when all of it is there, and until then
/// Kestrel keeps the bytes: so this one asks for the memory of a message as soon as its length is known, and lets the client go on (by
/// HTTP/2 flow control) once it has it. What comes before is within the windows of the connection.
/// </summary>
internal sealed class MessageReader(PipeReader body, ConnectionAccount account, MessageLimits limits)
    : PipeReader, IRequestBodyPipeFeature, IDisposable
{
    private readonly UnfinishedMessage _unfinished = new(body, account, limits);

    PipeReader IRequestBodyPipeFeature.Reader => this;

    /// <summary>As the body's; what is not complete or at its end begins with a whole message.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var result = await body.ReadAsync(cancellationToken).ConfigureAwait(false);
            var isWhole = IsWhole(result.Buffer, out var length);
            if (result.IsCanceled) _unfinished.ThrowIfEnded();
            if (isWhole || result.IsCanceled || result.Buffer.IsEmpty)
            {
                _unfinished.Finish();
                return result;
            }

            if (result.IsCompleted) throw Errors.CutMessage(result.Buffer.Length, length);
            await _unfinished.HoldAsync(length, result.Buffer.Length, cancellationToken).ConfigureAwait(false);
            body.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result) => body.TryRead(out result);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => body.AdvanceTo(consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => body.AdvanceTo(consumed, examined);

    /// <inheritdoc/>
    public override void CancelPendingRead() => body.CancelPendingRead();

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null) => body.Complete(exception);

    /// <summary>Gives back what an unfinished message holds.</summary>
    public void Dispose() => _unfinished.Dispose();

    // Length is that of the frame, its header included; 0 while that is unknown.
    private bool IsWhole(in ReadOnlySequence<byte> buffer, out long length)
    {
        length = 0;
        if (!GrpcFrame.TryReadHeader(buffer, out var isPlausible, out var payload)) return false;
        if (!isPlausible) throw Errors.NotAMessage();
        if (payload > limits.MaxBytes) ThrowTooLarge(payload);
        length = payload + GrpcFrame.HeaderBytes;
        return buffer.Length >= length;
    }

    [DoesNotReturn]
    private void ThrowTooLarge(long payload)
    {
        var text = Errors.MessageTooLarge(payload, limits.MaxBytes);
        limits.Refusals.Note(RefusalReasons.MessageTooLarge, text);
        throw new RpcException(new Status(StatusCode.ResourceExhausted, text));
    }
}
