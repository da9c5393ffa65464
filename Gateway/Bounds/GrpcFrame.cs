using System.Buffers;
using System.Buffers.Binary;

namespace Tikr.Gateway.Bounds;

/// <summary>What stands before each message of gRPC: whether it is compressed, and its length.</summary>
internal static class GrpcFrame
{
    /// <summary>Length of the header.</summary>
    public const int HeaderBytes = 5;

    /// <summary>Reads the header, if all of it is there.</summary>
    /// <param name="buffer">What has come so far.</param>
    /// <param name="isPlausible">Whether it can be a header at all.</param>
    /// <param name="length">Length of the message behind it.</param>
    public static bool TryReadHeader(in ReadOnlySequence<byte> buffer, out bool isPlausible, out long length)
    {
        (isPlausible, length) = (false, 0);
        if (buffer.Length < HeaderBytes) return false;
        Span<byte> header = stackalloc byte[HeaderBytes];
        buffer.Slice(0, HeaderBytes).CopyTo(header);
        isPlausible = header[0] <= 1;
        length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        return true;
    }
}
