namespace Tikr.Grains.Series;

/// <summary>Counts the local deliveries of one call down.</summary>
internal sealed class DeliveryBatch
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private List<Delivery>? _returned;
    private int _failed;

    // One for the router itself, so that the count cannot reach zero while it still posts.
    private int _left = 1;

    /// <summary>Completes when all have been applied, returned or failed.</summary>
    public Task Done => _done.Task;

    /// <summary>Deliveries whose activation was going away; read when done.</summary>
    public IReadOnlyList<Delivery> Returned => _returned ?? [];

    /// <summary>Deliveries that could not be applied.</summary>
    public int Failed => _failed;

    /// <summary>Why the last of them failed.</summary>
    public Exception? Error { get; private set; }

    public void Add() => Interlocked.Increment(ref _left);

    public void Applied()
    {
        if (Interlocked.Decrement(ref _left) == 0) _done.TrySetResult();
    }

    public void Return(in Delivery delivery)
    {
        lock (_lock) (_returned ??= []).Add(delivery);
        Applied();
    }

    public void Fail(Exception error)
    {
        Error = error;
        Interlocked.Increment(ref _failed);
        Applied();
    }
}
