namespace Tikr.Grains.Series;

/// <summary>Partials posted to an activation from any thread, without locks: a stack that its reader takes whole and turns round.</summary>
internal sealed class Inbox
{
    private static readonly InboxNode Closed = new();
    private InboxNode? _head;

    /// <summary>Posts a node; false when the activation takes no more. <paramref name="first"/> tells whether the reader has to be woken.</summary>
    public bool TryPost(InboxNode node, out bool first)
    {
        var head = Volatile.Read(ref _head);
        while (true)
        {
            first = head is null;
            if (head == Closed) return false;
            node.Next = head;
            var seen = Interlocked.CompareExchange(ref _head, node, head);
            if (seen == head) return true;
            head = seen;
        }
    }

    /// <summary>Takes everything, in the order posted; null when there is nothing.</summary>
    public InboxNode? TakeAll()
    {
        var head = Volatile.Read(ref _head);
        while (head is not null && head != Closed)
        {
            var seen = Interlocked.CompareExchange(ref _head, null, head);
            if (seen == head) return Reversed(head);
            head = seen;
        }

        return null;
    }

    /// <summary>Takes everything and refuses all that follows.</summary>
    public InboxNode? Close()
    {
        var head = Interlocked.Exchange(ref _head, Closed);
        return head == Closed ? null : Reversed(head);
    }

    /// <summary>Refuses all that follows, if nothing waits.</summary>
    public bool TryCloseEmpty() => Interlocked.CompareExchange(ref _head, Closed, null) is null;

    private static InboxNode? Reversed(InboxNode? node)
    {
        InboxNode? result = null;
        while (node is not null) (node.Next, result, node) = (result, node, node.Next);
        return result;
    }
}
