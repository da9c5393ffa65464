namespace Tikr.Gateway.Queries;

/// <summary>The place of one query among those that hold rows, and how long it has been waiting for its client.</summary>
internal sealed class ScanPlace : IDisposable
{
    private readonly TimeProvider _time;
    private readonly Action<ScanPlace> _ended;
    private readonly CancellationTokenSource _end;
    private long _waitsSince;
    private volatile bool _isCut;

    /// <param name="time">The clock.</param>
    /// <param name="ended">Told when the place is free again.</param>
    /// <param name="cancellation">The end of the call.</param>
    public ScanPlace(TimeProvider time, Action<ScanPlace> ended, CancellationToken cancellation)
    {
        (_time, _ended) = (time, ended);
        _end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
    }

    /// <summary>The end of the query, whoever wants it.</summary>
    public CancellationToken Ended => _end.Token;

    /// <summary>Whether it had to make way.</summary>
    public bool IsCut => _isCut;

    /// <summary>How long the client has taken nothing.</summary>
    public TimeSpan Waited => Volatile.Read(ref _waitsSince) is var since and not 0 ? _time.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>Waits for the client, for <see cref="AnswerNotTakenException.Patience"/> at most.</summary>
    /// <exception cref="AnswerNotTakenException">It took nothing.</exception>
    public async Task WaitAsync(Task write)
    {
        Volatile.Write(ref _waitsSince, Math.Max(1, _time.GetTimestamp()));
        try
        {
            await write.WaitAsync(AnswerNotTakenException.Patience, _time, Ended).ConfigureAwait(false);
        }
        catch (Exception error) when (error is TimeoutException || (error is OperationCanceledException && IsCut))
        {
            throw new AnswerNotTakenException(Waited);
        }
        finally
        {
            Volatile.Write(ref _waitsSince, 0);
        }
    }

    /// <summary>Ends the query for one that wants its place.</summary>
    public void Cut()
    {
        _isCut = true;
        _ = _end.CancelAsync();
    }

    public void Dispose()
    {
        _ended(this);
        _end.Dispose();
    }
}

/// <summary>The client took nothing of its answer for too long.</summary>
internal sealed class AnswerNotTakenException(TimeSpan waited) : Exception(Errors.AnswerNotTaken(waited))
{
    /// <summary>How long a client may take nothing.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
}
