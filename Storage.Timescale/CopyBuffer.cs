using System.Buffers.Binary;
using Npgsql;

namespace Tikr.Storage.Timescale;

/// <summary>Rows in PostgreSQL's binary COPY format, built whole before they are sent. Reused.</summary>
internal sealed class CopyBuffer
{
    private const int MessageBytes = 256 << 10;
    private const long PostgresEpochUs = 946_684_800_000_000;
    // Signature, flags, length of the header's extension.
    private static readonly byte[] Header = [.. "PGCOPY\n"u8, 0xff, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0];
    private byte[] _bytes = new byte[1 << 16];
    private int _length;

    /// <summary>Rows since <see cref="Clear"/>.</summary>
    public int Rows { get; private set; }

    public void Clear()
    {
        Header.CopyTo(_bytes, 0);
        _length = Header.Length;
        Rows = 0;
    }

    public void BeginRow(int columns)
    {
        BinaryPrimitives.WriteInt16BigEndian(Take(2), (short)columns);
        Rows++;
    }

    public void Int16(short value)
    {
        var to = Take(6);
        BinaryPrimitives.WriteInt32BigEndian(to, 2);
        BinaryPrimitives.WriteInt16BigEndian(to[4..], value);
    }

    public void Int32(int value)
    {
        var to = Take(8);
        BinaryPrimitives.WriteInt32BigEndian(to, 4);
        BinaryPrimitives.WriteInt32BigEndian(to[4..], value);
    }

    public void Int64(long value)
    {
        var to = Take(12);
        BinaryPrimitives.WriteInt32BigEndian(to, 8);
        BinaryPrimitives.WriteInt64BigEndian(to[4..], value);
    }

    /// <summary>A timestamptz, cut to the microsecond.</summary>
    public void Time(long unixNs) => Int64((unixNs / 1000) - PostgresEpochUs);

    public void Null() => BinaryPrimitives.WriteInt32BigEndian(Take(4), -1);

    public void Bytes(ReadOnlySpan<byte> value)
    {
        var to = Take(4 + value.Length);
        BinaryPrimitives.WriteInt32BigEndian(to, value.Length);
        value.CopyTo(to[4..]);
    }

    /// <summary>
    /// Ends the rows and sends them. An error on the way cancels the COPY: disposing alone would commit the part that was sent.
    /// </summary>
    public async Task SendAsync(NpgsqlConnection connection, string command, CancellationToken cancellation)
    {
        BinaryPrimitives.WriteInt16BigEndian(Take(2), -1);
        var stream = await connection.BeginRawBinaryCopyAsync(command, cancellation).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            try
            {
                for (var sent = 0; sent < _length; sent += MessageBytes)
                    await stream.WriteAsync(_bytes.AsMemory(sent, Math.Min(MessageBytes, _length - sent)), cancellation)
                        .ConfigureAwait(false);
                await stream.FlushAsync(cancellation).ConfigureAwait(false);
            }
            catch
            {
                await CancelAsync(stream).ConfigureAwait(false);
                throw;
            }
        }
    }

    private static async Task CancelAsync(NpgsqlRawCopyStream stream)
    {
        try
        {
            await stream.CancelAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (Errors.IsOfDatabase(e) || e is OperationCanceledException or InvalidOperationException)
        {
            // The connection is gone or has ended the COPY itself: nothing of it can be committed any more.
        }
    }

    private Span<byte> Take(int count)
    {
        if (_bytes.Length - _length < count) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + count));
        var taken = _bytes.AsSpan(_length, count);
        _length += count;
        return taken;
    }
}
