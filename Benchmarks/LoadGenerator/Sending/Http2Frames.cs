using System.Buffers.Binary;
using System.Text;

namespace Tikr.LoadGenerator.Sending;

/// <summary>The little of HTTP/2 (RFC 9113) that one gRPC stream on a connection of its own needs.</summary>
internal static class Http2Frames
{
    public const int HeaderLength = 9, DefaultWindow = 65_535, DefaultFrameSize = 16_384;

    public const byte Data = 0, Headers = 1, Reset = 3, Settings = 4, Ping = 6, GoAway = 7, WindowUpdate = 8;

    public const byte EndStream = 1, Ack = 1, EndHeaders = 4;

    public const ushort InitialWindowSize = 4, MaxFrameSize = 5;

    public static void WriteHeader(Span<byte> at, int length, byte type, byte flags, int stream)
    {
        BinaryPrimitives.WriteInt32BigEndian(at, length << 8 | type);
        at[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(at[5..], stream);
    }

    /// <summary>
    /// Preface, empty settings, and the headers that open stream 1. Header fields are literals, so that neither side keeps a table.
    /// </summary>
    public static byte[] Opening(Uri address, string path)
    {
        // Indexed in the static table of HPACK: 0x83 is ":method: POST", 0x86 ":scheme: http"; 1, 4 and 31 are names.
        byte[] fields =
        [
            0x83, 0x86, 0x04, .. Text(path), 0x01, .. Text(address.Authority),
            0x0f, 0x10, .. Text("application/grpc"), 0x00, .. Text("te"), .. Text("trailers"),
        ];
        var opening = new byte[24 + HeaderLength + HeaderLength + fields.Length];
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.CopyTo(opening);
        WriteHeader(opening.AsSpan(24), 0, Settings, 0, 0);
        WriteHeader(opening.AsSpan(24 + HeaderLength), fields.Length, Headers, EndHeaders, 1);
        fields.CopyTo(opening, 24 + HeaderLength + HeaderLength);
        return opening;
    }

    private static byte[] Text(string text) => [(byte)text.Length, .. Encoding.ASCII.GetBytes(text)];
}
