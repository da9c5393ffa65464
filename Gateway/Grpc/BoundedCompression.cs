using System.IO.Compression;
using Grpc.Core;
using Grpc.Net.Compression;
using Tikr.Core.Memory;
using Tikr.Gateway.Bounds;
using Tikr.Gateway.Hosting;

namespace Tikr.Gateway.Grpc;

/// <summary>
/// Unpacks compressed messages within bounds: a few kilobytes can hold gigabytes of zeros. What is unpacked may be as large as a message,
/// and takes memory of <see cref="MemoryBudget.Undecoded"/>.
/// </summary>
internal sealed class BoundedCompression(
    string name, Func<Stream, Stream> unpack, Func<Stream, CompressionLevel, Stream> pack,
    MemoryBudget budget, GatewayOptions options, Refusals refusals) : ICompressionProvider
{
    /// <summary>The compressions that gRPC knows.</summary>
    public static IEnumerable<ICompressionProvider> All(MemoryBudget budget, GatewayOptions options, Refusals refusals) =>
    [
        new BoundedCompression(
            "gzip", packed => new GZipStream(packed, CompressionMode.Decompress),
            static (target, level) => new GZipStream(target, level, leaveOpen: true), budget, options, refusals),
        new BoundedCompression(
            "deflate", packed => new ZLibStream(packed, CompressionMode.Decompress),
            static (target, level) => new ZLibStream(target, level, leaveOpen: true), budget, options, refusals),
    ];

    public string EncodingName => name;

    public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) =>
        pack(stream, compressionLevel ?? CompressionLevel.Fastest);

    public Stream CreateDecompressionStream(Stream stream) => new Unpacking(this, unpack(stream));

    private RpcException TooLarge()
    {
        var text = Errors.UnpackedTooLarge(options.MaxMessageBytes);
        refusals.Note(RefusalReasons.MessageTooLarge, text);
        return new RpcException(new Status(StatusCode.ResourceExhausted, text));
    }

    /// <summary>Read by one thread from beginning to end, then disposed.</summary>
    private sealed class Unpacking(BoundedCompression owner, Stream unpacked) : Stream
    {
        // The reader above doubles its buffer as it goes.
        private const int Cost = 2;
        private long _read, _taken;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => _read; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var count = ReadPart(buffer);
            _read += count;
            var cost = Math.Max(0, (_read * Cost) - MessageLimits.FreeBytes - _taken);
            if (_read > owner.MaxBytes || (cost > 0 && !owner.Memory.TryTake(cost))) throw owner.TooLarge();
            _taken += cost;
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                unpacked.Dispose();
                if (_taken > 0) owner.Memory.Return(_taken);
                _taken = 0;
            }

            base.Dispose(disposing);
        }

        private int ReadPart(Span<byte> buffer)
        {
            try
            {
                return unpacked.Read(buffer);
            }
            catch (InvalidDataException error)
            {
                throw Errors.NotCompressed(owner.EncodingName, error.Message.TrimEnd('.'));
            }
        }
    }

    private MemoryPart Memory => budget.Undecoded;

    private int MaxBytes => options.MaxMessageBytes;
}
