using Tikr.Storage;

namespace Tikr.Grains.Writing;

/// <summary>A bar on its way into the store, and where the answer goes.</summary>
internal abstract class BarWriteItem
{
    /// <summary>What to write.</summary>
    public BarWrite Write { get; protected set; }

    /// <summary>Takes the answer; must not block and not throw.</summary>
    public abstract void Completed(in BarWriteResult result);

    /// <summary>Takes the failure: the write may have been done or not. Must not block and not throw.</summary>
    public abstract void Failed(Exception error);
}
