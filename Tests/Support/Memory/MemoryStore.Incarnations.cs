using Tikr.Storage;

namespace Tikr.Tests.Support.Memory;

/// <summary>Who writes.</summary>
public sealed partial class MemoryStore
{
    private Incarnation _self = Incarnation.Nameless();

    /// <inheritdoc/>
    public ValueTask RegisterAsync(Incarnation self, CancellationToken cancellation)
    {
        lock (Gate)
        {
            CheckAlive();
            _self = self;
            CheckNotSealed();
            Known(self);
        }

        return default;
    }

    /// <inheritdoc/>
    public ValueTask<bool> SealAsync(string name, CancellationToken cancellation)
    {
        lock (Gate)
        {
            CheckAlive();
            var isKnown = Disk.Incarnations.ContainsKey(name);
            Known(new Incarnation(name, "", "")).IsSealed = true;
            return new(isKnown);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RegisteredIncarnation>> ListAsync(CancellationToken cancellation)
    {
        lock (Gate)
        {
            CheckAlive();
            HashSet<uint> unretired = [.. Disk.Manifests.Keys.Select(key => key.Epoch)];
            return new(Disk.Incarnations.Values.Select(one => new RegisteredIncarnation(
                one.Incarnation, [.. one.Epochs], one.IsSealed, one.Epochs.Exists(unretired.Contains))).ToList());
        }
    }

    /// <inheritdoc/>
    public ValueTask<IRecoveryLease> TakeForRecoveryAsync(IReadOnlyCollection<string> names, CancellationToken cancellation)
    {
        lock (Gate)
        {
            CheckAlive();
            var taken = Disk.Incarnations.Values.Where(one => names.Contains(one.Incarnation.Name) && one.IsSealed
                && one.RecoveredBy is null or { _crashed: true }).ToList();
            foreach (var one in taken) one.RecoveredBy = this;
            return new(new RecoveryLease(this, taken));
        }
    }

    private StoredIncarnation Known(Incarnation incarnation)
    {
        if (!Disk.Incarnations.TryGetValue(incarnation.Name, out var known))
            Disk.Incarnations[incarnation.Name] = known = new StoredIncarnation(incarnation);
        return known;
    }

    private void CheckNotSealed()
    {
        if (Disk.Incarnations.TryGetValue(_self.Name, out var self) && self.IsSealed) throw new StoreSealedException(_self.Name);
    }

    private sealed class RecoveryLease(MemoryStore store, List<StoredIncarnation> taken) : IRecoveryLease
    {
        public IReadOnlyCollection<string> Names => [.. taken.Select(one => one.Incarnation.Name)];

        public ValueTask DisposeAsync()
        {
            lock (store.Gate)
            {
                foreach (var one in taken) one.RecoveredBy = null;
            }

            return default;
        }
    }
}

internal sealed record StoredIncarnation(Incarnation Incarnation)
{
    public List<uint> Epochs { get; } = [];

    public bool IsSealed { get; set; }

    public MemoryStore? RecoveredBy { get; set; }
}
