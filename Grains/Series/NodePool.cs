namespace Tikr.Grains.Series;

/// <summary>Inbox nodes for one delivery after the other: with many keys a delivery has one per key.</summary>
internal sealed class NodePool
{
    // After a burst of keys the rest goes to the garbage collector.
    private const int MaxNodes = 262_144;
    private readonly List<InboxNode> _nodes = [];
    private int _used;

    public InboxNode Next(in Delivery delivery, DeliveryBatch batch)
    {
        if (_used == _nodes.Count) _nodes.Add(new InboxNode());
        return _nodes[_used++].Begin(delivery, batch);
    }

    /// <summary>All nodes have been answered.</summary>
    public void Reset()
    {
        // What far fewer nodes are needed for again is not kept for the next burst.
        var keep = Math.Min(MaxNodes, Math.Max(1_024, 4 * _used));
        if (_nodes.Count > keep) _nodes.RemoveRange(keep, _nodes.Count - keep);
        _used = 0;
    }
}
