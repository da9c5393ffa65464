using System.Runtime.CompilerServices;
using Tikr.Core.Time;
using Tikr.Storage;

namespace Tikr.Tests.Support.Memory;

/// <summary>The outbox.</summary>
public sealed partial class MemoryStore
{
    /// <inheritdoc/>
    public long ExpiredBeforeNs => Disk.BarsCutoff;

    /// <inheritdoc/>
    public bool IsShared => Disk.HasSeveralProcesses;

    /// <inheritdoc/>
    public async IAsyncEnumerable<OutboxEntry> ReadAsync(
        int partition, ulong afterId, [EnumeratorCancellation] CancellationToken cancellation)
    {
        List<OutboxEntry> entries;
        lock (Gate)
        {
            CheckAlive();
            entries = [.. Disk.Outbox.Where(entry => entry.Key.Partition == partition && entry.Key.Id > afterId)
                .Select(entry => entry.Value)];
        }

        await Task.CompletedTask;
        foreach (var entry in entries)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return entry;
        }
    }

    /// <inheritdoc/>
    public ValueTask DeleteAsync(int partition, IReadOnlyList<ulong> ids, CancellationToken cancellation)
    {
        var fault = Faults.OnDelete?.Invoke(ids) ?? Fault.None;
        lock (Gate)
        {
            CheckAlive();
            if (fault == Fault.NotDone) throw new StoreUnavailableException($"Deleting {ids.Count} outbox entries failed on request.");
            CheckNotSealed();
            foreach (var id in ids) Disk.Outbox.Remove((partition, id));
        }

        if (fault == Fault.AnswerLost)
            throw new StoreUnavailableException($"The answer for deleting {ids.Count} outbox entries was lost on request.");
        return default;
    }

    /// <inheritdoc/>
    public ValueTask<OutboxSize> MeasureAsync(int partition, CancellationToken cancellation)
    {
        lock (Gate)
        {
            CheckAlive();
            var entries = Disk.Outbox.Where(entry => entry.Key.Partition == partition).Select(entry => entry.Value).ToList();
            return new(new OutboxSize(entries.Count, entries.Sum(entry => 100L + (entry.Routed?.Request.Length ?? 0))));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<int>> ListPartitionsAsync(CancellationToken cancellation)
    {
        lock (Gate)
        {
            CheckAlive();
            return new(Disk.Outbox.Keys.Select(key => key.Partition).Distinct().Order().ToList());
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<int>> HoldAsync(string owner, IReadOnlyList<int>? wanted, TimeSpan lease, CancellationToken cancellation)
    {
        lock (Gate)
        {
            CheckAlive();
            CheckNotSealed();
            foreach (var gone in Disk.Senders.Where(sender => sender.Value.Expires <= NowNs || Known(sender.Value.Incarnation).IsSealed)
                .Select(sender => sender.Key).ToList()) Leave(gone);
            if (wanted is null)
            {
                Leave(owner);
                return new([]);
            }

            Disk.Senders[owner] = (_self, _self.Silo.Length == 0 ? NowNs + lease.ToNanoseconds() : long.MaxValue);
            var share = (wanted.Count + Disk.Senders.Count - 1) / Disk.Senders.Count;
            var kept = Disk.Leases.Where(held => held.Value == owner && wanted.Contains(held.Key))
                .Select(held => held.Key).Order().Take(share).ToHashSet();
            foreach (var partition in Disk.Leases.Where(held => held.Value == owner && !kept.Contains(held.Key))
                .Select(held => held.Key).ToList()) Disk.Leases.Remove(partition);
            foreach (var partition in wanted.Where(partition => !Disk.Leases.ContainsKey(partition)).Take(share - kept.Count))
                Disk.Leases[partition] = owner;
            return new(Disk.Leases.Where(held => held.Value == owner).Select(held => held.Key).Order().ToList());
        }
    }

    private void Leave(string owner)
    {
        Disk.Senders.Remove(owner);
        foreach (var partition in Disk.Leases.Where(held => held.Value == owner).Select(held => held.Key).ToList())
            Disk.Leases.Remove(partition);
    }

    private ulong Publish(int partition, OutboxEntry entry)
    {
        Disk.Outbox[(partition, entry.Id)] = entry;
        return entry.Id;
    }
}
