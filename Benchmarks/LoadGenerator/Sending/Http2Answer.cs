using System.Buffers.Binary;
using System.Net.Sockets;
using Tikr.Contracts;

namespace Tikr.LoadGenerator.Sending;

/// <summary>Reads what the server sends on one connection: windows, settings, pings, and the answer of stream 1.</summary>
internal sealed class Http2Answer(Socket socket, SendWindows windows, Http2Answer.Sender send) : IDisposable
{
    private const int PrefixLength = 5;

    private readonly NetworkStream _stream = new(socket);
    private readonly MemoryStream _body = new();
    private readonly TaskCompletionSource<IngestResponse> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _header = new byte[Http2Frames.HeaderLength];
    private byte[] _payload = new byte[Http2Frames.DefaultFrameSize];

    public delegate void Sender(ReadOnlySpan<byte> bytes);

    /// <summary>Longest frame that the server takes.</summary>
    public int MaxFrameSize { get; private set; } = Http2Frames.DefaultFrameSize;

    /// <summary>Waits for the end of the stream.</summary>
    public IngestResponse Wait() => _done.Task.GetAwaiter().GetResult();

    public void Dispose()
    {
        _stream.Dispose();
        _body.Dispose();
    }

    /// <summary>Reads until the stream has ended.</summary>
    public void Read()
    {
        try
        {
            while (!_done.Task.IsCompleted)
            {
                _stream.ReadExactly(_header);
                var length = BinaryPrimitives.ReadInt32BigEndian(_header) >>> 8;
                if (_payload.Length < length) _payload = new byte[length];
                var payload = _payload.AsSpan(0, length);
                _stream.ReadExactly(payload);
                Handle(_header[3], _header[4], BinaryPrimitives.ReadInt32BigEndian(_header.AsSpan(5)), payload);
            }
        }
        catch (Exception broken) when (broken is IOException or ObjectDisposedException)
        {
            End(broken);
        }
    }

    private void Handle(byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        switch (type)
        {
            case Http2Frames.WindowUpdate: windows.Add(stream, BinaryPrimitives.ReadInt32BigEndian(payload)); break;
            case Http2Frames.Settings when (flags & Http2Frames.Ack) == 0: Apply(payload); break;
            case Http2Frames.Ping when (flags & Http2Frames.Ack) == 0: Answer(Http2Frames.Ping, payload); break;
            case Http2Frames.Data: _body.Write(payload); break;
            case Http2Frames.Reset:
                End(
                new IOException($"The server reset the stream, code {BinaryPrimitives.ReadInt32BigEndian(payload)}.")); break;
            case Http2Frames.GoAway:
                End(
                new IOException($"The server goes away, code {BinaryPrimitives.ReadInt32BigEndian(payload[4..])}.")); break;
        }

        if (stream == 1 && type is Http2Frames.Data or Http2Frames.Headers && (flags & Http2Frames.EndStream) != 0) Finish();
    }

    private void Apply(ReadOnlySpan<byte> settings)
    {
        for (; settings.Length >= 6; settings = settings[6..])
        {
            var value = BinaryPrimitives.ReadInt32BigEndian(settings[2..]);
            switch (BinaryPrimitives.ReadUInt16BigEndian(settings))
            {
                case Http2Frames.InitialWindowSize: windows.SetInitial(value); break;
                case Http2Frames.MaxFrameSize: MaxFrameSize = value; break;
            }
        }

        Answer(Http2Frames.Settings, []);
    }

    private void Answer(byte type, ReadOnlySpan<byte> payload)
    {
        Span<byte> frame = stackalloc byte[Http2Frames.HeaderLength + payload.Length];
        Http2Frames.WriteHeader(frame, payload.Length, type, Http2Frames.Ack, 0);
        payload.CopyTo(frame[Http2Frames.HeaderLength..]);
        send(frame);
    }

    // Trailers are compressed and not read: a stream without an answer has failed, and the usual library tells why.
    private void Finish()
    {
        if (_body.Length < PrefixLength)
            End(new IOException("The server ended the stream without an answer; --client grpc shows its status."));
        else _done.TrySetResult(IngestResponse.Parser.ParseFrom(_body.GetBuffer(), PrefixLength, (int)_body.Length - PrefixLength));
        windows.End(new IOException("The server has answered."));
    }

    private void End(Exception reason)
    {
        _done.TrySetException(reason);
        windows.End(reason);
    }
}
