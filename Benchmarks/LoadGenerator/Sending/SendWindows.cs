namespace Tikr.LoadGenerator.Sending;

/// <summary>How much the server will take: windows of the stream and of the connection.</summary>
internal sealed class SendWindows
{
    private readonly object _gate = new();
    private long _stream = Http2Frames.DefaultWindow, _connection = Http2Frames.DefaultWindow, _initial = Http2Frames.DefaultWindow;
    private Exception? _end;

    /// <summary>Takes at most so many bytes; 0 if there is no room.</summary>
    public int Take(int wanted)
    {
        lock (_gate)
        {
            if (_end is not null) throw new IOException("The stream has ended.", _end);
            var taken = (int)Math.Clamp(Math.Min(_stream, _connection), 0, wanted);
            _stream -= taken;
            _connection -= taken;
            return taken;
        }
    }

    /// <summary>Waits until there is room, or never will be.</summary>
    public void Wait()
    {
        lock (_gate)
        {
            while (Math.Min(_stream, _connection) <= 0 && _end is null) Monitor.Wait(_gate);
        }
    }

    public void Add(int stream, int bytes)
    {
        lock (_gate)
        {
            if (stream == 0) _connection += bytes;
            else _stream += bytes;
            Monitor.PulseAll(_gate);
        }
    }

    public void SetInitial(int bytes)
    {
        lock (_gate)
        {
            _stream += bytes - _initial;
            _initial = bytes;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Nothing can be sent any more.</summary>
    public void End(Exception reason)
    {
        lock (_gate)
        {
            _end ??= reason;
            Monitor.PulseAll(_gate);
        }
    }
}
