using System.Buffers.Binary;
using System.Net.Sockets;
using Tikr.Contracts;

namespace Tikr.LoadGenerator.Sending;

/// <summary>
/// A stream written straight to a socket: one DATA frame per message where it fits, frames gathered up to 64 KB like the writers of other
/// gRPC libraries do. It costs a fraction of the CPU of the library for .NET, which matters where client and server share the cores.
/// </summary>
internal sealed class Http2Call : IIngestCall
{
    private const int GatherBytes = 64 * 1024, SendBufferBytes = 256 * 1024, PrefixLength = 5;

    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[GatherBytes + Http2Frames.HeaderLength];
    private readonly Lock _sending = new();
    private readonly SendWindows _windows = new();
    private readonly Http2Answer _answer;
    private readonly byte[] _prefix = new byte[PrefixLength];
    private int _used;

    public Http2Call(Uri address)
    {
        // A small buffer: what waits in it is older than it seems when the server stamps it.
        _socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, SendBufferSize = SendBufferBytes };
        _socket.Connect(address.Host, address.Port);
        SendNow(Http2Frames.Opening(address, "/tikr.v1.Tikr/IngestTicks"));
        _answer = new Http2Answer(_socket, _windows, SendNow);
        new Thread(_answer.Read) { IsBackground = true, Name = "answers" }.Start();
    }

    public void Write(byte[] message)
    {
        BinaryPrimitives.WriteInt32BigEndian(_prefix.AsSpan(1), message.Length);
        ReadOnlySpan<byte> prefix = _prefix, body = message;
        while (prefix.Length + body.Length > 0)
        {
            if (_used + Http2Frames.HeaderLength + PrefixLength >= GatherBytes) Flush();
            var room = Math.Min(_answer.MaxFrameSize, GatherBytes - _used - Http2Frames.HeaderLength);
            var length = Reserve(Math.Min(room, prefix.Length + body.Length));
            Http2Frames.WriteHeader(_buffer.AsSpan(_used), length, Http2Frames.Data, 0, 1);
            _used += Http2Frames.HeaderLength;
            Append(ref prefix, ref length);
            Append(ref body, ref length);
        }
    }

    public void Flush()
    {
        SendNow(_buffer.AsSpan(0, _used));
        _used = 0;
    }

    public IngestResponse Complete()
    {
        Http2Frames.WriteHeader(_buffer.AsSpan(_used), 0, Http2Frames.Data, Http2Frames.EndStream, 1);
        _used += Http2Frames.HeaderLength;
        Flush();
        return _answer.Wait();
    }

    public void Dispose()
    {
        _socket.Dispose();
        _answer.Dispose();
    }

    private int Reserve(int wanted)
    {
        int taken;
        while ((taken = _windows.Take(wanted)) == 0)
        {
            Flush();
            _windows.Wait();
        }

        return taken;
    }

    private void Append(ref ReadOnlySpan<byte> from, ref int length)
    {
        var bytes = Math.Min(from.Length, length);
        from[..bytes].CopyTo(_buffer.AsSpan(_used));
        from = from[bytes..];
        _used += bytes;
        length -= bytes;
    }

    private void SendNow(ReadOnlySpan<byte> bytes)
    {
        lock (_sending)
        {
            while (bytes.Length > 0) bytes = bytes[_socket.Send(bytes)..];
        }
    }
}
