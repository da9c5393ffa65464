namespace Tikr.Grains.Series;

/// <summary>A partial waiting in the inbox of an activation. Whoever answers it must not look at it again: its batch may use it anew.</summary>
internal sealed class InboxNode
{
    public Delivery Delivery { get; private set; }

    public DeliveryBatch Batch { get; private set; } = null!;

    public InboxNode? Next { get; set; }

    /// <summary>Why it could not be applied.</summary>
    public Exception? Error { get; set; }

    public InboxNode Begin(in Delivery delivery, DeliveryBatch batch)
    {
        (Delivery, Batch, Next, Error) = (delivery, batch, null, null);
        return this;
    }

    public void Answer()
    {
        if (Error is { } error) Batch.Fail(error);
        else Batch.Applied();
    }

    public void Return() => Batch.Return(Delivery);
}
