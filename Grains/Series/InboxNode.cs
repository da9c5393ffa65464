namespace Tikr.Grains.Series;

/// <summary>A partial waiting in the inbox of an activation.</summary>
internal sealed class InboxNode(in Delivery delivery, DeliveryBatch batch)
{
    public Delivery Delivery { get; } = delivery;

    public DeliveryBatch Batch { get; } = batch;

    public InboxNode? Next { get; set; }

    /// <summary>Why it could not be applied.</summary>
    public Exception? Error { get; set; }

    public void Answer()
    {
        if (Error is { } error) Batch.Fail(error);
        else Batch.Applied();
    }
}
