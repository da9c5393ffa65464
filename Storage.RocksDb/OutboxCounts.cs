namespace Tikr.Storage.RocksDb;

/// <summary>
/// Entries and bytes of each outbox partition, counted once when first asked and kept up to date from then on. Deleted entries count with
/// the average size.
/// </summary>
internal sealed class OutboxCounts(RocksDbDatabase database)
{
    private readonly Lock _gate = new();
    private Dictionary<int, OutboxSize>? _sizes;

    public OutboxSize Of(int partition)
    {
        lock (_gate)
        {
            var size = Sizes.GetValueOrDefault(partition);
            return size.Entries > 0 ? size : default;
        }
    }

    public IReadOnlyList<int> Partitions
    {
        get
        {
            lock (_gate) return [.. Sizes.Where(size => size.Value.Entries > 0).Select(size => size.Key).Order()];
        }
    }

    /// <summary>
    /// Runs a write of the outbox and counts its change if it succeeds. Until the first count it keeps that waiting, so that nothing counts
    /// twice.
    /// </summary>
    public void Changing(IReadOnlyList<(int Partition, OutboxSize Added)> changes, Action write)
    {
        lock (_gate)
        {
            if (_sizes is null)
            {
                write();
                return;
            }
        }

        write();
        lock (_gate)
        {
            foreach (var (partition, added) in changes) Add(partition, added);
        }
    }

    private Dictionary<int, OutboxSize> Sizes => _sizes ??= Count();

    private void Add(int partition, OutboxSize added)
    {
        var now = Sizes.GetValueOrDefault(partition);

        // An entry may be deleted before its writer has counted it: the number is right again once it has.
        var entries = now.Entries + added.Entries;
        var bytes = added.Entries >= 0 ? now.Bytes + added.Bytes : now.Entries <= 0 ? 0 : now.Bytes * Math.Max(0, entries) / now.Entries;
        Sizes[partition] = new OutboxSize(entries, entries == 0 ? 0 : bytes);
    }

    private Dictionary<int, OutboxSize> Count()
    {
        var sizes = new Dictionary<int, OutboxSize>();
        using var lease = new IteratorLease(database, Family.Outbox);
        var cursor = lease[0];
        for (var found = cursor.Seek([]); found; found = cursor.Next())
        {
            var partition = OutboxKeys.Read(cursor.Key).Partition;
            var size = sizes.GetValueOrDefault(partition);
            sizes[partition] = new OutboxSize(size.Entries + 1, size.Bytes + cursor.Key.Length + cursor.Value.Length);
        }

        return sizes;
    }
}
