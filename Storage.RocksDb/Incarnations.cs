namespace Tikr.Storage.RocksDb;

/// <summary>
/// Who writes to the embedded store: this process alone, since it holds the lock of the folder. All before it are dead, and count as
/// sealed. Nothing of it needs to be durable.
/// </summary>
internal sealed class Incarnations : IIncarnations
{
    /// <summary>The name under which those before this process are listed.</summary>
    public const string Earlier = "earlier processes";

    private readonly RocksDbDatabase _database;
    private readonly ManifestLog _manifests;
    private readonly Lock _gate = new();
    private readonly uint[] _earlier;
    private readonly List<uint> _epochs = [];
    private readonly HashSet<string> _sealed = new(StringComparer.Ordinal) { Earlier };
    private readonly HashSet<string> _leased = new(StringComparer.Ordinal);
    private Incarnation _self = Incarnation.Nameless();

    public Incarnations(RocksDbDatabase database, ManifestLog manifests)
    {
        (_database, _manifests) = (database, manifests);
        _earlier = [.. manifests.Epochs];
    }

    /// <inheritdoc/>
    public ValueTask RegisterAsync(Incarnation self, CancellationToken cancellation)
    {
        lock (_gate)
        {
            _database.ThrowIfSealed();
            if (_sealed.Contains(self.Name)) throw new StoreSealedException(self.Name);
            _self = self;
            return ValueTask.CompletedTask;
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> SealAsync(string name, CancellationToken cancellation)
    {
        lock (_gate)
        {
            var isSelf = name == _self.Name;
            if (isSelf) _database.Seal(name);
            _sealed.Add(name);
            return ValueTask.FromResult(isSelf || name == Earlier);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RegisteredIncarnation>> ListAsync(CancellationToken cancellation)
    {
        lock (_gate)
        {
            List<RegisteredIncarnation> all = [];
            HashSet<uint> unretired = [.. _manifests.Epochs];
            if (_earlier.Length > 0) all.Add(Known(new Incarnation(Earlier, "", ""), _earlier, unretired));
            all.Add(Known(_self, [.. _epochs], unretired));
            return ValueTask.FromResult<IReadOnlyList<RegisteredIncarnation>>(all);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IRecoveryLease> TakeForRecoveryAsync(IReadOnlyCollection<string> names, CancellationToken cancellation)
    {
        lock (_gate)
        {
            string[] taken = [.. names.Where(name => _sealed.Contains(name) && _leased.Add(name))];
            return ValueTask.FromResult<IRecoveryLease>(new Lease(this, taken));
        }
    }

    /// <summary>An epoch has been allocated.</summary>
    public void Add(uint epoch)
    {
        lock (_gate) _epochs.Add(epoch);
    }

    private RegisteredIncarnation Known(Incarnation incarnation, uint[] epochs, HashSet<uint> unretired) =>
        new(incarnation, epochs, _sealed.Contains(incarnation.Name), Array.Exists(epochs, unretired.Contains));

    private sealed class Lease(Incarnations owner, string[] names) : IRecoveryLease
    {
        public IReadOnlyCollection<string> Names => names;

        public ValueTask DisposeAsync()
        {
            lock (owner._gate) owner._leased.ExceptWith(names);
            return ValueTask.CompletedTask;
        }
    }
}
